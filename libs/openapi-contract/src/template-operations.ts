import { z } from "@hono/zod-openapi"
import { body, defineOperation, json, pageQuery, problems, replaceHeaders, writeHeaders } from "./operation.ts"
import { OkSchema } from "./schemas.ts"
import { TemplateListSchema, TemplateSchema, TemplateWishSchema } from "./template-schemas.ts"

const tags = ["Templates"]
const params = z.object({ id: z.string().openapi({ description: "The template's id." }) })

export const createTemplate = defineOperation(
  {
    method: "post",
    path: "/v1/templates",
    operationId: "createTemplate",
    summary: "Make a template for sessions",
    tags,
    request: { headers: writeHeaders, body: body(TemplateWishSchema) },
    responses: { 201: json(TemplateSchema, "The template."), ...problems(400, 401, 403, 409, 422, 503) },
  },
  { permission: "template.write", audit: "template.created" },
)

export const listTemplates = defineOperation(
  {
    method: "get",
    path: "/v1/templates",
    operationId: "listTemplates",
    summary: "Templates, newest first, then those that are built in",
    description: "A page also ends where its templates have a million characters.",
    tags,
    request: { query: pageQuery },
    responses: { 200: json(TemplateListSchema, "A page of templates."), ...problems(400, 401, 403) },
  },
  { permission: "template.read", audit: "none" },
)

export const getTemplate = defineOperation(
  {
    method: "get",
    path: "/v1/templates/{id}",
    operationId: "getTemplate",
    summary: "A template",
    tags,
    request: { params },
    responses: { 200: json(TemplateSchema, "The template."), ...problems(401, 403, 404) },
  },
  { permission: "template.read", audit: "none" },
)

export const updateTemplate = defineOperation(
  {
    method: "put",
    path: "/v1/templates/{id}",
    operationId: "updateTemplate",
    summary: "Replace a template",
    description: "Sessions that were begun with it stay as they are.",
    tags,
    request: { params, headers: replaceHeaders, body: body(TemplateWishSchema) },
    responses: { 200: json(TemplateSchema, "The template."), ...problems(400, 401, 403, 404, 409, 412, 422, 503) },
  },
  { permission: "template.write", audit: "template.updated" },
)

export const deleteTemplate = defineOperation(
  {
    method: "delete",
    path: "/v1/templates/{id}",
    operationId: "deleteTemplate",
    summary: "Delete a template",
    tags,
    request: { params, headers: replaceHeaders },
    responses: { 200: json(OkSchema, "It is gone."), ...problems(400, 401, 403, 404, 409, 412, 422, 503) },
  },
  { permission: "template.write", audit: "template.deleted" },
)
