import { z } from "@hono/zod-openapi"
import { body, defineOperation, json, problems, writeHeaders } from "./operation.ts"
import { CreatePipelineSchema, PipelineListSchema, PipelineSchema, pipelineQuery } from "./pipeline-schemas.ts"

const tags = ["Pipelines"]
const params = z.object({ id: z.string().openapi({ description: "The pipeline's id." }) })

export const createPipeline = defineOperation(
  {
    method: "post",
    path: "/v1/pipelines",
    operationId: "createPipeline",
    summary: "Run stages one after the other, each as a session of its own",
    description:
      "Answers when the pipeline is kept; its stages begin by themselves, as soon as those are over that they depend on, also after a restart. It takes session.create besides.",
    tags,
    request: { headers: writeHeaders, body: body(CreatePipelineSchema) },
    responses: { 201: json(PipelineSchema, "The pipeline."), ...problems(400, 401, 403, 404, 409, 422, 503) },
  },
  { permission: "pipeline.write", audit: "pipeline.created", mcp: "create_pipeline" },
)

export const listPipelines = defineOperation(
  {
    method: "get",
    path: "/v1/pipelines",
    operationId: "listPipelines",
    summary: "Pipelines, newest first",
    tags,
    request: { query: pipelineQuery },
    responses: { 200: json(PipelineListSchema, "A page of pipelines."), ...problems(400, 401, 403) },
  },
  { permission: "pipeline.read", audit: "none", mcp: "list_pipelines" },
)

export const getPipeline = defineOperation(
  {
    method: "get",
    path: "/v1/pipelines/{id}",
    operationId: "getPipeline",
    summary: "A pipeline with all its stages were told and have said",
    tags,
    request: { params },
    responses: { 200: json(PipelineSchema, "The pipeline."), ...problems(401, 403, 404) },
  },
  { permission: "pipeline.read", audit: "none" },
)

export const cancelPipeline = defineOperation(
  {
    method: "delete",
    path: "/v1/pipelines/{id}",
    operationId: "cancelPipeline",
    summary: "End what runs of a pipeline, and begin nothing more of it; it stays readable",
    description: "One that is over stays as it is.",
    tags,
    request: { params, headers: writeHeaders },
    responses: { 200: json(PipelineSchema, "The pipeline."), ...problems(400, 401, 403, 404, 422, 503) },
  },
  { permission: "pipeline.write", audit: "pipeline.ended" },
)
