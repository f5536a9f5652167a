#!/usr/bin/env python3
"""Writes the manual page of the program, gzipped, from what its --help and --version say.

  man_page.py PROGRAM lactscope.1.gz
"""
import gzip
import pathlib
import re
import subprocess
import sys

COLUMN = 30  # Where CLI11 begins the texts of options.


def ask(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def escape(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text[:1] in (".", "'") else text


def entries(lines):
    """(name, text) of the lines of a group: a name begins two columns in, a text in column 30 or below its name."""
    found = []
    for line in lines:
        name, text = line[:COLUMN].strip(), line[COLUMN:].strip()
        if len(line) > COLUMN and line[COLUMN - 1] != " ":
            name, text = line.strip(), ""  # Longer than its column: the text follows below, or after two blanks.
            if "  " in name:
                name, text = re.split(r" {2,}", name, maxsplit=1)
        if line.startswith("  ") and line[2:3] not in ("", " "):
            found.append([name, text])
        elif found:
            found[-1][1] = (found[-1][1] + " " + line.strip()).strip()
    return found


def groups(help_text):
    """The paragraphs of a help: {"": introduction, "Options": lines, …}."""
    found, title = {"": []}, ""
    for line in help_text.splitlines():
        if re.fullmatch(r"[A-Z][A-Za-z ]*:", line):
            title = line[:-1]
            found[title] = []
        elif line.startswith("Usage:"):
            title = "Usage"
            found[title] = [line]
        elif line and not line.startswith(" ") and title not in ("", "Usage"):
            title = "Footer"
            found.setdefault(title, []).append(line)
        else:
            found[title].append(line)
    return found


def list_of(lines):
    return "".join(f".TP\n\\fB{escape(name)}\\fR\n{escape(text)}\n" for name, text in entries(lines))


def command_section(program, name):
    parts = groups(ask(program, name, "--help"))
    text = f".SS \"lactscope {escape(name)}\"\n" + escape(" ".join(" ".join(parts[""]).split())) + "\n"
    for title in ("Positionals", "Options", "Subcommands"):
        wanted = [line for line in parts.get(title, []) if not re.match(r"  (-h,--help|--help-all) ", line)]
        text += list_of(wanted)
    return text


def page(program):
    parts = groups(ask(program, "--help"))
    version = ask(program, "--version").split()[-1]
    introduction = " ".join(" ".join(parts[""]).split())
    commands = entries(parts["Subcommands"])
    text = f".TH LACTSCOPE 1 \"\" \"lactscope {version}\" \"User Commands\"\n"
    text += ".SH NAME\nlactscope \\- novel views of a scene with test\\-time training\n"
    text += ".SH SYNOPSIS\n.B lactscope\n[\\fIOPTION\\fR ...] [\\fIPATH\\fR ...]\n.br\n"
    text += ".B lactscope\n\\fICOMMAND\\fR [\\fIOPTION\\fR ...]\n"
    text += ".SH DESCRIPTION\n" + escape(introduction) + "\n" + list_of(parts.get("Positionals", []))
    text += ".SH OPTIONS\n" + list_of(parts["Options"])
    text += ".SH COMMANDS\n" + "".join(command_section(program, name) for name, _ in commands)
    text += ".SH ENVIRONMENT\n"
    text += ".TP\n.B LACT_ASSETS\nThe folder of the bundled scenes and weights.\n"
    text += ".TP\n.B LACT_VULKAN_DEVICE\nPart of the name of the Vulkan device that draws the window.\n"
    if "Footer" in parts:
        text += ".SH NOTES\n" + "\n.PP\n".join(escape(line) for line in parts["Footer"] if line) + "\n"
    return text


def main():
    program, output = sys.argv[1:]
    pathlib.Path(output).write_bytes(gzip.compress(page(program).encode(), mtime=0))


main()
