import { operations } from "@aegis/openapi-contract"
import { guarded } from "./guarded.ts"
import { type App, callerOf, type RouteParts } from "./routes.ts"
import { Screenshots } from "./screenshots.ts"

const WINDOW = { width: 1280, height: 720 }

/** The route by which a page is looked at. */
export function addScreenshotRoutes(app: App, parts: RouteParts) {
  const screenshots = new Screenshots(parts)

  app.openapi(guarded(operations.takeScreenshot, parts), async (context) => {
    const id = context.req.param("id")
    const { url, width = WINDOW.width, height = WINDOW.height, fullPage = false } = context.req.valid("json")
    // One that has ended is told so before a browser is started.
    await parts.aegis.checkLiving(id)
    const { png, ...shot } = await screenshots.take({ url, width, height, fullPage })
    await parts.aegis.noteScreenshot(callerOf(context), id, { url: shot.url, width, height, bytes: png.length })
    return context.json({ screenshot: png.toString("base64"), width, height, ...shot, refused: [...shot.refused] }, 200)
  })
}
