/** Who may import whom: the table of docs/architecture.md, as rules. Each message says why. */

const leaves = "event-log|policy|acp-runtime|channels|redact"

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: "no-cycle",
      comment: "Files in a cycle want to be one, or a third is missing between them.",
      severity: "error",
      from: { pathNot: "/generated/" },
      to: { circular: true },
    },
    {
      name: "leaf-imports-no-package",
      comment: "Each leaf is useful alone: what two of them need is passed in, or a new library is due.",
      severity: "error",
      from: { path: `^libs/(${leaves})/` },
      to: { path: "^(libs|apps)/", pathNot: "^libs/$1/" },
    },
    {
      name: "core-sees-types-only",
      comment:
        "The core is pure: values of event-log, policy, acp-runtime and redact meet it in src/node.ts, the default wiring.",
      severity: "error",
      from: { path: "^libs/session-core/src/", pathNot: "^libs/session-core/src/node" },
      to: { path: `^libs/(${leaves})/`, dependencyTypesNot: ["type-only"] },
    },
    {
      name: "core-knows-its-neighbours",
      comment: "The core stands on event-log, policy, acp-runtime and redact; doors and channels stand on the core.",
      severity: "error",
      from: { path: "^libs/session-core/" },
      to: { path: "^(libs|apps)/", pathNot: "^libs/(session-core|event-log|policy|acp-runtime|redact)/" },
    },
    {
      name: "contract-is-data",
      comment: "The HTTP promise needs words only: session-core/events and policy/schema.",
      severity: "error",
      from: { path: "^libs/openapi-contract/src/" },
      to: {
        path: "^(libs|apps)/",
        pathNot: "^libs/(openapi-contract/|session-core/src/events[.]ts$|policy/src/schema[.]ts$)",
      },
    },
    {
      name: "client-imports-nothing",
      comment: "The client runs anywhere and drags nothing along.",
      severity: "error",
      from: { path: "^libs/client/src/" },
      to: { pathNot: "^libs/client/src/" },
    },
    {
      name: "lib-imports-no-app",
      comment: "Apps are shells around libraries, never the other way.",
      severity: "error",
      from: { path: "^libs/" },
      to: { path: "^apps/" },
    },
    {
      name: "app-imports-no-app",
      comment: "Apps meet over HTTP. Two are excepted, in rules of their own: the server and the CLI.",
      severity: "error",
      from: { path: "^apps/([^/]+)/", pathNot: "^apps/(server|cli)/" },
      to: { path: "^apps/", pathNot: "^apps/$1/" },
    },
    {
      name: "server-hosts-mcp-only",
      comment: "The server answers /mcp itself, with MCP's one entry; the dashboard it serves by its folder.",
      severity: "error",
      from: { path: "^apps/server/" },
      to: { path: "^apps/", pathNot: ["^apps/server/", "^apps/mcp/src/index[.]ts$"] },
    },
    {
      name: "cli-carries-entries-only",
      comment: "The CLI brings server and MCP along, and starts them by their entries.",
      severity: "error",
      from: { path: "^apps/cli/" },
      to: {
        path: "^apps/",
        pathNot: ["^apps/cli/", "^apps/mcp/src/index[.]ts$", "^apps/server/src/(index|local)[.]ts$"],
      },
    },
    {
      name: "cli-talks-http",
      comment:
        "The CLI is a door: sessions it reaches through the client. What it judges, probes or hides alone is policy, agents and secrets.",
      severity: "error",
      from: { path: "^apps/cli/src/" },
      to: { path: "^libs/", pathNot: "^libs/(client/|policy/|redact/|acp-runtime/src/(agent|certify)[.]ts$)" },
    },
    {
      name: "door-talks-http",
      comment: "MCP and dashboard are doors: what they need of the server they get through the client.",
      severity: "error",
      from: { path: "^apps/(mcp|dashboard)/src/" },
      to: { path: "^libs/", pathNot: "^libs/client/" },
    },
    {
      name: "entries-only",
      comment: "Another package's files are its own business: import one of its entries by the package's name.",
      severity: "error",
      from: { path: "^(libs|apps|docs/examples)/([^/]+)/" },
      to: { path: "^(libs|apps)/[^/]+/src/", pathNot: "^$1/$2/", dependencyTypes: ["local", "localmodule"] },
    },
    {
      name: "source-imports-no-tooling",
      comment: "What ships does not lean on what tests, builds or checks it.",
      severity: "error",
      from: { path: "^(libs|apps)/[^/]+/src/" },
      to: { path: "/test/|^tooling/" },
    },
    {
      name: "no-unresolved",
      comment: "An import that cannot be found escapes every other rule.",
      severity: "error",
      from: { path: "^(libs|apps|docs)/" },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "/dist/|[.]turbo/" },
    tsConfig: { fileName: "tsconfig.base.json" },
    tsPreCompilationDeps: "specify",
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["@aegis/source", "types", "import", "node", "default"],
    },
  },
}
