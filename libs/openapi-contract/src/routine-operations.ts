import { z } from "@hono/zod-openapi"
import { body, defineOperation, json, pageQuery, problems, replaceHeaders, writeHeaders } from "./operation.ts"
import {
  CreateRoutineSchema,
  RoutineListSchema,
  RoutineRunListSchema,
  RoutineRunSchema,
  RoutineSchema,
  runQuery,
  UpdateRoutineSchema,
} from "./routine-schemas.ts"
import { OkSchema } from "./schemas.ts"

const tags = ["Routines"]
const params = z.object({ id: z.string().openapi({ description: "The routine's id." }) })

export const createRoutine = defineOperation(
  {
    method: "post",
    path: "/v1/routines",
    operationId: "createRoutine",
    summary: "Have sessions begun by the clock",
    description: "It takes session.create besides.",
    tags,
    request: { headers: writeHeaders, body: body(CreateRoutineSchema) },
    responses: { 201: json(RoutineSchema, "The routine."), ...problems(400, 401, 403, 404, 409, 422, 503) },
  },
  { permission: "routine.write", audit: "routine.created" },
)

export const listRoutines = defineOperation(
  {
    method: "get",
    path: "/v1/routines",
    operationId: "listRoutines",
    summary: "Routines, newest first",
    tags,
    request: { query: pageQuery },
    responses: { 200: json(RoutineListSchema, "A page of routines."), ...problems(400, 401, 403) },
  },
  { permission: "routine.read", audit: "none" },
)

export const getRoutine = defineOperation(
  {
    method: "get",
    path: "/v1/routines/{id}",
    operationId: "getRoutine",
    summary: "A routine, with when it begins something next, and what became of its last run",
    tags,
    request: { params },
    responses: { 200: json(RoutineSchema, "The routine."), ...problems(401, 403, 404) },
  },
  { permission: "routine.read", audit: "none" },
)

export const updateRoutine = defineOperation(
  {
    method: "patch",
    path: "/v1/routines/{id}",
    operationId: "updateRoutine",
    summary: "Change a routine, pause it, or let it go on",
    description:
      "What is not named stays. It holds for runs that begin from then on, which are counted on the caller's key. It takes session.create besides.",
    tags,
    request: { params, headers: replaceHeaders, body: body(UpdateRoutineSchema) },
    responses: { 200: json(RoutineSchema, "The routine."), ...problems(400, 401, 403, 404, 412, 422, 503) },
  },
  { permission: "routine.write", audit: "routine.updated" },
)

export const deleteRoutine = defineOperation(
  {
    method: "delete",
    path: "/v1/routines/{id}",
    operationId: "deleteRoutine",
    summary: "Delete a routine: it begins nothing more, and what works of it goes on",
    tags,
    request: { params, headers: replaceHeaders },
    responses: { 200: json(OkSchema, "It is gone."), ...problems(400, 401, 403, 404, 412, 422, 503) },
  },
  { permission: "routine.write", audit: "routine.deleted" },
)

export const runRoutine = defineOperation(
  {
    method: "post",
    path: "/v1/routines/{id}/run",
    operationId: "runRoutine",
    summary: "Begin a run now, also of a routine that is paused",
    description:
      "Where an earlier run has not ended it is refused, waits or begins beside it, as the routine has it (`overlap`). It takes session.create besides, and is counted on the caller's key.",
    tags,
    request: { params, headers: writeHeaders },
    responses: { 201: json(RoutineRunSchema, "The run."), ...problems(400, 401, 403, 404, 409, 422, 503) },
  },
  { permission: "routine.write", audit: "routine.run_due" },
)

export const listRoutineRuns = defineOperation(
  {
    method: "get",
    path: "/v1/routines/{id}/runs",
    operationId: "listRoutineRuns",
    summary: "Runs of a routine, newest first, with the times at which nothing began, and why",
    tags,
    request: { params, query: runQuery },
    responses: { 200: json(RoutineRunListSchema, "A page of runs."), ...problems(400, 401, 403, 404) },
  },
  { permission: "routine.read", audit: "none" },
)
