# The two commands of the README, `make run` and `make test`, and the steps they are made of. Each step that takes time
# announces itself; in an unchanged tree they start at once and print nothing.
BUILD := build/release
export CMAKE_BUILD_PARALLEL_LEVEL ?= $(shell nproc)

.PHONY: help run build build-all test test-gpu test-asan test-tsan test-package install package deps format format-check tidy fuzz soak kill-test fault-test pictures report clean distclean

help:
	@echo 'make run       get what is missing, build, open the window on a bundled scene (without a display: render the demo)'
	@echo 'make test      get what is missing, build, run all tests (some: FILTER=Tour.*)'
	@echo 'make test-gpu  the engine and golden tests on the GPU'
	@echo 'make test-asan, test-tsan   build with sanitizers (memory and undefined behaviour; threads), run all tests (some: FILTER=)'
	@echo 'make build     build/release/lactscope'
	@echo 'make install   install the program, LibTorch and the assets; PREFIX=/usr/local'
	@echo 'make package   a Debian package with LibTorch for the CPU, in build/release/package;  make test-package  try it (root)'
	@echo 'make fuzz      fuzz every parser for SECONDS=60 each (some: TARGET="png jpeg"); docs/reliability.md'
	@echo 'make kill-test  end the program by SIGKILL while it writes (KILLS=200);  make fault-test  fail one call after the other'
	@echo 'make soak      one window used for long: nothing may grow (short: SOAK=--short)'
	@echo 'make format    clang-format over our sources;  make tidy  clang-tidy'
	@echo 'make pictures  make the images and videos of the documents again (needs pngquant and ffmpeg);  make report  all experiments as docs/report.html (half an hour)'
	@echo 'make clean     remove builds;  make distclean  also what was fetched'

deps:
	@third_party/setup.sh

$(BUILD)/build.ninja: CMakeLists.txt | deps
	@echo 'build: configuring $(BUILD)'
	@cmake --preset release

build: deps $(BUILD)/build.ninja
	@cmake/build.sh $(BUILD) lactscope

build-all: deps $(BUILD)/build.ninja
	@cmake/build.sh $(BUILD)

run: build
	@$(BUILD)/lactscope

PREFIX ?= /usr/local
install: build
	@cmake --install $(BUILD) --prefix $(PREFIX)

package: build
	@echo 'package: stripping and packing: about a minute'
	@rm -rf $(BUILD)/package
	@cpack --config $(BUILD)/CPackConfig.cmake -B $(BUILD)/package >$(BUILD)/package.log || { tail -n 20 $(BUILD)/package.log; exit 1; }
	@rm -rf $(BUILD)/package/_CPack_Packages
	@ls -sh $(BUILD)/package/*.deb

test-package: package
	@tests/package/run.sh $(BUILD)/package/*.deb

test: build-all
	@tests/run.sh $(BUILD) $(if $(FILTER),'$(FILTER)')

test-gpu: build-all
	@tests/run.sh --gpu $(BUILD)

# Presets asan and tsan, in folders of their own.
test-asan test-tsan: test-%: deps
	@[ -e build/$*/build.ninja ] || { echo 'test-$*: configuring build/$*'; cmake --preset $* >/dev/null; }
	@cmake/build.sh build/$*
	@tests/run.sh build/$* $(if $(FILTER),'$(FILTER)')

# Bash has a SECONDS of its own; this one is that of the command line alone.
fuzz:
	@third_party/setup.sh $(or $(LACT_CUDA),auto) fuzz
	@[ -e build/fuzz/build.ninja ] || { echo 'fuzz: configuring build/fuzz, with clang'; cmake --preset fuzz >/dev/null; }
	@cmake/build.sh build/fuzz $(if $(TARGET),$(TARGET:%=fuzz_%),lact_fuzz)
	@tests/fuzz/run.sh build/fuzz $(or $(SECONDS),60) $(TARGET)

# docs/reliability.md says what they do. More options: python3 tests/reliability/kill_test.py --help
kill-test: build
	@python3 -B tests/reliability/kill_test.py $(BUILD) --kills $(or $(KILLS),200)

fault-test: build
	@python3 -B tests/reliability/fault_test.py $(BUILD) $(FAULTS)

soak: build
	@python3 -B tests/reliability/soak.py $(BUILD) $(SOAK)

SOURCES = $(shell git ls-files '*.cpp' '*.h')
format:
	@clang-format -i $(SOURCES)
format-check:
	@clang-format --dry-run -Werror $(SOURCES)
tidy: deps
	@cmake --preset tidy >/dev/null
	@clang-tidy -quiet -p build/tidy $(filter %.cpp,$(SOURCES))

pictures: build
	@docs/pictures/make.sh $(BUILD)/lactscope

report: build
	@$(BUILD)/lactscope report --views 0 --size 64 -o docs/report.html

clean:
	rm -rf build
distclean: clean
	rm -rf .deps
