#pragma once

#include "app/commands/controller.h"
#include "app/commands/parameter_table.h"
#include "engine/core/error.h"
#include "engine/procedural/world_family.h"
#include "engine/session/load_scene.h"

#include <cstddef>
#include <string>
#include <vector>

namespace lact::app {

class EngineService;

/// Opens bundled and generated scenes; sets the input views and the size of the model's images; stops jobs.
class SceneController : private Controller {
  public:
    SceneController(PanelServices services, EngineService& engine, JobRegistry& jobs)
        : Controller(services), engine_(&engine), jobs_(&jobs) {}

    [[nodiscard]] Result<void> add_commands(CommandTable& commands);
    [[nodiscard]] Result<void> add_parameters(ParameterTable& parameters);
    /// Generates an object and opens it with the size and inputs of `request`. Without `seed` it takes
    /// another one each time, without `family` that of the open weights. Errors: an unknown family; no folder
    /// for generated scenes.
    [[nodiscard]] Result<void> generate(const GenerateScene& generate, SceneRequest request = {});
    /// A generated scene and how to open it.
    struct Generation {
        GenerationSpec spec;
        SceneRequest request;
    };
    /// The part of generate() that may fail; open() does the rest.
    [[nodiscard]] Result<Generation> prepare(const GenerateScene& generate, SceneRequest request = {}) const;
    void open(const Generation& generation);

  private:
    [[nodiscard]] const WorldFamily* family_of_weights() const;
    [[nodiscard]] Result<void> open(const OpenScene& open);
    [[nodiscard]] Domain sizes() const;
    void set_size(const std::string& chosen);
    [[nodiscard]] Result<void> add_opening(CommandTable& commands);
    [[nodiscard]] Result<void> toggle_input(const ToggleInput& toggle);
    void set_inputs(std::vector<std::size_t> inputs);
    [[nodiscard]] Result<void> add_inputs(CommandTable& commands);
    [[nodiscard]] Result<void> add_remarks(CommandTable& commands);
    [[nodiscard]] Result<void> add_jobs(CommandTable& commands);

    EngineService* engine_;
    JobRegistry* jobs_;
};

}  // namespace lact::app
