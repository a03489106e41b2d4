import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type RunningServer, startServer } from "@aegis/server"
import { loadConfig } from "@aegis/server/local"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { openVenv } from "../python/open-venv.ts"
import { openJudge } from "./open-judge.ts"

// The Python client against the real server, with the demo agent.

const METRICS_TOKEN = "reads-metrics-and-nothing-else"
const venv = await openVenv()

describe.skipIf(venv === undefined)("the Python client", () => {
  const root = mkdtempSync(join(tmpdir(), "aegis-e2e-"))
  const projects = join(root, "projects")
  let server: RunningServer
  let restart: Awaited<ReturnType<typeof openRestart>>
  let port = 0

  beforeAll(async () => {
    mkdirSync(projects)
    await start()
    restart = await openRestart()
  })
  afterAll(async () => {
    restart.close()
    await server.close()
    rmSync(root, { recursive: true, force: true })
  })

  async function start() {
    const env = {
      AEGIS_PORT: String(port),
      AEGIS_STATE_DIR: join(root, "state"),
      AEGIS_AGENT: "demo",
      AEGIS_LOG_LEVEL: "silent",
      AEGIS_METRICS_TOKEN: METRICS_TOKEN,
      AEGIS_SCREENSHOT_HOSTS: "127.0.0.1",
      AEGIS_SCREENSHOT_SANDBOX: String(process.getuid?.() !== 0),
    }
    server = await startServer({ config: loadConfig({ env, cwd: root, home: root }), env: process.env })
    port = Number(new URL(server.url).port)
  }

  /** An address that starts the server anew, for a test that is another program. */
  async function openRestart() {
    const door = createServer((_request, response) => {
      void server
        .close()
        .then(start)
        .then(() => response.end())
    })
    await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve))
    return { url: `http://127.0.0.1:${(door.address() as AddressInfo).port}`, close: () => door.close() }
  }

  it("calls every operation, and follows a session over a restart; a proxy that others wrote finds it as the document says", async () => {
    const judge = await openJudge(server.url)
    try {
      const running = venv?.run(["-m", "pytest", "--quiet", "test/live"], {
        env: {
          PYTHONPATH: "src",
          AEGIS_URL: server.url,
          AEGIS_JUDGED_URL: judge.url,
          AEGIS_AUTH_TOKEN: server.token,
          AEGIS_METRICS_TOKEN: METRICS_TOKEN,
          AEGIS_TEST_FOLDER: projects,
          AEGIS_TEST_RESTART: restart.url,
        },
      })
      const summary = await running?.catch(String)
      expect(judge.complaints).toEqual([])
      expect(summary).toMatch(/^\d+ passed in .*s$/m)
      expect(judge.judged).toBeGreaterThan(100)
    } finally {
      await judge.close()
    }
  })
})
