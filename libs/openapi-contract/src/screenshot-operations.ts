import { z } from "@hono/zod-openapi"
import { body, defineOperation, json, problems } from "./operation.ts"
import { sessionParams as params } from "./session-operations.ts"

const TakeScreenshotSchema = z
  .strictObject({
    url: z
      .string()
      .max(4096)
      .regex(/^https?:\/\/[^\s/]/, "An http or https address")
      .openapi({ description: "The page.", example: "https://example.com/" }),
    fullPage: z.boolean().optional().openapi({ description: "All of it, instead of what the window shows." }),
    width: z
      .int()
      .min(200)
      .max(3840)
      .optional()
      .openapi({ description: "Of the window, in CSS pixels. Default: 1280." }),
    height: z.int().min(200).max(2160).optional().openapi({ description: "Of the window. Default: 720." }),
  })
  .openapi("TakeScreenshot")

const ScreenshotSchema = z
  .object({
    screenshot: z.string().openapi({ description: "A PNG, in base64." }),
    url: z.string().openapi({ description: "Where the page came from in the end." }),
    status: z.int().optional().openapi({ description: "The HTTP status of that." }),
    width: z.int(),
    height: z.int(),
    refused: z.array(z.string()).openapi({
      description: "What the page asked for and did not get: hosts and ports that are not of the open internet.",
    }),
  })
  .openapi("Screenshot")

export const takeScreenshot = defineOperation(
  {
    method: "post",
    path: "/v1/sessions/{id}/screenshot",
    operationId: "takeScreenshot",
    summary: "Look at a page, as a picture",
    description:
      "With a browser of its own that knows nobody, and goes only where the open internet is (url-forbidden) and where the server's configuration allows (`screenshots.allowHosts`). Where there is no browser it says what to install (browser-missing). Each call looks anew.",
    tags: ["Sessions"],
    request: { params, body: body(TakeScreenshotSchema) },
    responses: { 200: json(ScreenshotSchema, "The picture."), ...problems(400, 401, 403, 404, 409, 422, 501, 503) },
  },
  { permission: "session.send", audit: "screenshot.taken" },
)
