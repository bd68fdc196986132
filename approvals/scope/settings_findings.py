"""What settings around the permission rules make dangerous or pointless. Values are never repeated, names are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from approvals.scope.finding import Finding
from approvals.scope.imported import shown
from approvals.scope.secret_marks import holds_secret
from approvals.vocabulary import Severity

MODES = {
    "bypassPermissions": (Severity.HIGH, "every call runs without asking, whatever the rules say"),
    "acceptEdits": (Severity.MEDIUM, "files are changed without asking"),
    "auto": (Severity.MEDIUM, "a model decides what runs without asking"),
    "default": None,
    "plan": None,
    "dontAsk": None,
}
# They name a program that runs outside every permission rule.
COMMAND_KEYS = (
    "apiKeyHelper",
    "awsAuthRefresh",
    "awsCredentialExport",
    "otelHeadersHelper",
    "statusLine",
    "policyHelper",
)
PERMISSION_KEYS = frozenset(
    {"allow", "ask", "deny", "additionalDirectories", "defaultMode", "disableBypassPermissionsMode", "disableAutoMode"}
)
KNOWN_KEYS = frozenset(
    {
        *("$schema", "permissions", "hooks", "env", "mcpServers", "model", "includeCoAuthoredBy", "cleanupPeriodDays"),
        *("enableAllProjectMcpServers", "enabledMcpjsonServers", "disabledMcpjsonServers", "disableAllHooks"),
        *("allowedMcpServers", "deniedMcpServers", "allowManagedHooksOnly", "allowManagedPermissionRulesOnly"),
        *("allowManagedMcpServersOnly", "allowedHttpHookUrls", "requiredMinimumVersion", "outputStyle", "language"),
        *(
            "forceLoginMethod",
            "forceLoginOrgUUID",
            "enabledPlugins",
            "extraKnownMarketplaces",
            "strictKnownMarketplaces",
        ),
        *(
            "sandbox",
            "spinnerTipsEnabled",
            "alwaysThinkingEnabled",
            "attribution",
            "companyAnnouncements",
            "fileSuggestion",
        ),
        *("respectGitignore", "plansDirectory", "autoUpdatesChannel", "forceRemoteSettingsRefresh", "availableModels"),
        *("verbose", "theme", "autoUpdates", "effortLevel", "teammateMode", "httpHookAllowedEnvVars"),
        *COMMAND_KEYS,
    }
)
MAX_NAMED = 12


def about_settings(data: dict[str, Any], permissions: dict[str, Any]) -> Iterator[Finding]:
    """What is noticed of one settings file, apart from its rules."""
    yield from _switches(data)
    yield from _mode(permissions)
    yield from _directories(permissions)
    yield from _commands(data)
    yield from _environment(data)
    yield from _unknown(data, permissions)


def _switches(data: dict[str, Any]) -> Iterator[Finding]:
    if data.get("enableAllProjectMcpServers"):
        sentence = "enableAllProjectMcpServers turns on every MCP server the project names, today and later, unasked."
        remedy = "Set it to false, name the servers in enabledMcpjsonServers, and import .mcp.json too."
        yield Finding("all_project_servers", Severity.HIGH, sentence, remedy)
    named = data.get("enabledMcpjsonServers")
    if isinstance(named, list) and named:
        sentence = f"The MCP servers {_names(named)} are turned on here; what they are stands in .mcp.json."
        yield Finding("project_servers", Severity.LOW, sentence, "Import .mcp.json too.")
    if data.get("disableAllHooks"):
        sentence = "disableAllHooks stops every hook, also one that asks this portal before each call."
        yield Finding("hooks_off", Severity.HIGH, sentence, "Remove it.")


def _mode(permissions: dict[str, Any]) -> Iterator[Finding]:
    mode = permissions.get("defaultMode")
    if mode is None:
        return
    if not isinstance(mode, str) or mode not in MODES:
        sentence = "permissions.defaultMode has a value this portal does not know."
        yield Finding("unknown_mode", Severity.MEDIUM, sentence, "Use dontAsk for an agent that runs by itself.")
    elif (known := MODES[mode]) is not None:
        sentence = f"permissions.defaultMode is {mode}: {known[1]}."
        yield Finding("wide_mode", known[0], sentence, "Use dontAsk for an agent that runs by itself.")


def _directories(permissions: dict[str, Any]) -> Iterator[Finding]:
    folders = permissions.get("additionalDirectories", [])
    if not isinstance(folders, list):
        yield Finding(
            "left_out", Severity.MEDIUM, "permissions.additionalDirectories is not a list, so it was left out."
        )
        return
    for folder in folders[:MAX_NAMED]:
        name = folder if isinstance(folder, str) else ""
        if name.startswith(("/", "~", "\\")) or ":" in name or ".." in name.split("/") or not name:
            told = shown(name) or "(not a text)"
            sentence = f"The folder {told} lies outside the working directory and is open to the agent."
            yield Finding(
                "folder_outside", Severity.HIGH, sentence, "Remove it, or name the files it needs as Read lines."
            )
    if len(folders) > MAX_NAMED:
        yield Finding(
            "folder_outside", Severity.HIGH, f"{len(folders) - MAX_NAMED} more folders are opened to the agent."
        )


def _commands(data: dict[str, Any]) -> Iterator[Finding]:
    hooks = data.get("hooks")
    if hooks:
        events = _names(list(hooks)) if isinstance(hooks, dict) else "an unknown form"
        sentence = f"Hooks run commands of their own ({events}); no permission rule limits them."
        yield Finding("hooks_run", Severity.MEDIUM, sentence, "Read the hooks' commands as part of this review.")
    for key in COMMAND_KEYS:
        if data.get(key):
            sentence = f"{key} names a program that runs outside every permission rule."
            yield Finding("runs_outside", Severity.MEDIUM, sentence, "Read that program as part of this review.")


def _environment(data: dict[str, Any]) -> Iterator[Finding]:
    environment = data.get("env")
    if not isinstance(environment, dict):
        return
    secret = [name for name, content in environment.items() if isinstance(content, str) and holds_secret(name, content)]
    if secret:
        sentence = f"The file holds what looks like a secret (env: {_names(secret)}). Its value was not read in."
        remedy = "Change that secret now: whoever can read the file has it."
        yield Finding("secret_in_file", Severity.HIGH, sentence, remedy)


def _unknown(data: dict[str, Any], permissions: dict[str, Any]) -> Iterator[Finding]:
    keys = [key for key in data if key not in KNOWN_KEYS]
    keys += [f"permissions.{key}" for key in permissions if key not in PERMISSION_KEYS]
    if keys:
        sentence = f"This portal does not know {_names(keys)}, so what that does was not looked at."
        yield Finding("unknown_key", Severity.LOW, sentence, "Look it up in Claude Code's manual.")


def _names(names: list[Any]) -> str:
    told = ", ".join(shown(str(name))[:60] for name in names[:MAX_NAMED])
    return told if len(names) <= MAX_NAMED else f"{told} and {len(names) - MAX_NAMED} more"
