import react from "@vitejs/plugin-react"
import { defineConfig } from "vite"

const server = process.env.AEGIS_BASE_URL ?? "http://127.0.0.1:9100"

/** Built from the client's source; `pnpm dev` passes its calls on to a running server. */
export default defineConfig({
  base: "/dashboard/",
  plugins: [react()],
  resolve: { conditions: ["@aegis/source", "module", "browser", "development|production"] },
  // A file inlined as data: would ask for a laxer policy.
  build: { target: "es2023", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: {
    host: "127.0.0.1",
    proxy: { "/v1": { target: server, changeOrigin: true, headers: { Origin: server } } },
  },
})
