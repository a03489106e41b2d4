import { body, defineOperation, json, pageQuery, problems, writeHeaders } from "./operation.ts"
import { CreatedSessionSchema, SessionListSchema } from "./schemas.ts"
import { sessionParams as params } from "./session-operations.ts"
import { ForkSessionSchema, SpawnChildSchema, SwarmSchema } from "./swarm-schemas.ts"

const tags = ["Sessions"]

export const spawnChild = defineOperation(
  {
    method: "post",
    path: "/v1/sessions/{id}/spawn",
    operationId: "spawnChild",
    summary: "Create a child of a session",
    description:
      "Always a new one, in its parent's folder where nothing else is said. It has its parent's labels and rules, works in its folder or below, and asks no less. An agent spawns children of its own session.",
    tags,
    request: { headers: writeHeaders, params, body: body(SpawnChildSchema) },
    responses: {
      201: json(CreatedSessionSchema, "The child was created."),
      ...problems(400, 401, 403, 404, 409, 422, 503),
    },
  },
  { permission: "session.create", audit: "session.created" },
)

export const forkSession = defineOperation(
  {
    method: "post",
    path: "/v1/sessions/{id}/fork",
    operationId: "forkSession",
    summary: "Begin a session that knows what another one knows by now",
    description:
      "It has that one's folder, agent, mode, options, labels and rules, and its agent knows what was said there; from then on each goes its own way. One that has ended is gone on from, too; one that works is not (turn-busy). `not-forkable`: it has had no prompt, or its agent cannot do that. What an agent forks is its own session's child.",
    tags,
    request: { headers: writeHeaders, params, body: body(ForkSessionSchema, { required: false }) },
    responses: {
      201: json(CreatedSessionSchema, "The fork was created."),
      ...problems(400, 401, 403, 404, 409, 422, 503),
    },
  },
  { permission: "session.create", audit: "session.created" },
)

export const listChildren = defineOperation(
  {
    method: "get",
    path: "/v1/sessions/{id}/children",
    operationId: "listChildren",
    summary: "A session's children, newest first, also those that have ended",
    tags,
    request: { params, query: pageQuery },
    responses: { 200: json(SessionListSchema, "A page of them."), ...problems(400, 401, 403, 404) },
  },
  { permission: "session.read", audit: "none" },
)

export const getSwarm = defineOperation(
  {
    method: "get",
    path: "/v1/swarm",
    operationId: "getSwarm",
    summary: "Which sessions live, and which has begun which",
    description:
      "Sessions that live below those that have begun them, which may have ended: depth first, the newest tree first. A page has so many trees, each of them whole.",
    tags,
    request: { query: pageQuery },
    responses: { 200: json(SwarmSchema, "A page of trees."), ...problems(400, 401, 403) },
  },
  { permission: "session.read", audit: "none", mcp: "get_swarm" },
)
