import { z } from "@hono/zod-openapi"
import { pageQuery } from "./operation.ts"
import { begunWith, instant } from "./schemas.ts"
import { namesItsTemplate, saysWhatToDo, work, workWish } from "./work-schemas.ts"

const missedRun = z.enum(["skip", "once"]).openapi({
  description:
    "Of times that are over by a minute before anything could begin, since the server was down or all work was stopped. `skip` (default): nothing begins. `once`: one run for all of them.",
})
const overlap = z.enum(["skip", "queue", "parallel"]).openapi({
  description:
    "Of a time at which an earlier run has not ended. `skip` (default): nothing begins. `queue`: it waits for that, and no other one besides. `parallel`: it begins.",
})

const terms = {
  // A run's session is called by this and the run's number, and may have 200 characters.
  name: z.string().min(1).max(180).openapi({ example: "nightly-review" }),
  cron: z.string().min(1).max(200).openapi({
    description:
      "When: minute, hour, day of the month, month, day of the week. Days of both kinds are due on either. What the zone's clock skips is due once, right after the jump; what it shows twice is due the first time.",
    example: "30 2 * * mon-fri",
  }),
  timeZone: z
    .string()
    .min(1)
    .max(100)
    .openapi({ description: "By whose clock: an IANA name.", example: "Europe/Berlin" }),
  missedRun,
  overlap,
  enabled: z.boolean().openapi({ description: "Whether its times are due: false is a pause." }),
}

export const CreateRoutineSchema = z
  .strictObject({
    name: terms.name,
    cron: terms.cron,
    timeZone: terms.timeZone.optional().openapi({ description: "By whose clock: an IANA name. Default: UTC." }),
    missedRun: missedRun.optional(),
    overlap: overlap.optional(),
    enabled: terms.enabled.optional(),
    ...workWish,
  })
  .refine(...saysWhatToDo)
  .refine(...namesItsTemplate)
  .refine(({ workDir, template }) => workDir !== undefined || template !== undefined, {
    message: "Say where it is to work.",
    path: ["workDir"],
  })
  .openapi("CreateRoutine", {
    example: {
      name: "nightly-review",
      cron: "30 2 * * mon-fri",
      timeZone: "Europe/Berlin",
      missedRun: "once",
      workDir: "/home/user/project",
      permissionMode: "plan",
      prompt: "Read what has changed since yesterday, and say what is wrong with it.",
    },
  })

const { template: _template, variables: _variables, ...changeable } = workWish

export const UpdateRoutineSchema = z
  .strictObject({
    ...z.object(terms).partial().shape,
    ...changeable,
    model: begunWith.model.nullable().openapi({ description: "null: the one that the agent takes by itself." }),
    effort: begunWith.effort.nullable().openapi({ description: "null: as the agent has it by itself." }),
    labels: begunWith.labels.openapi({ description: "All that its sessions have from now on." }),
  })
  .refine((wish) => Object.values(wish).some((value) => value !== undefined), { message: "Say what is to be another." })
  .openapi("UpdateRoutine", { example: { enabled: false } })

const runStatus = z.enum(["waiting", "running", "completed", "failed", "skipped", "cancelled"])

export const RoutineRunSchema = z
  .object({
    id: z.int().openapi({ description: "Its number: 1 is the routine's first." }),
    dueAt: instant.openapi({ description: "Its time; of several that were missed the last one." }),
    cause: z.enum(["clock", "missed", "run"]).openapi({
      description: "`clock`: on time. `missed`: nothing could begin at its time. `run`: somebody wanted it.",
    }),
    status: runStatus.openapi({
      description:
        "`waiting`: for an earlier one. `skipped`: it never began, as the routine has it. `cancelled`: nor did it, since the routine was paused or deleted.",
    }),
    missed: z.object({ from: instant, count: z.int() }).optional().openapi({
      description: "Where it is for several times: the first of them, and how many they are, counted up to 100.",
    }),
    sessionId: z.uuid().optional(),
    startedAt: instant.optional(),
    endedAt: instant.optional(),
    reason: z.string().optional().openapi({ description: "Why it never began." }),
    error: z
      .object({ code: z.string(), message: z.string() })
      .optional()
      .openapi({ description: "Why it has failed; without a session it could not be begun." }),
  })
  .openapi("RoutineRun")

const routine = {
  id: z.uuid(),
  ...terms,
  owner: z.string(),
  createdAt: instant,
  updatedAt: instant,
  version: z.int().positive().openapi({ description: "Counts its changes; the `ETag` has it too." }),
  nextRunAt: instant.optional().openapi({ description: "Absent: it is paused." }),
  lastRun: RoutineRunSchema.optional(),
}

export const RoutineSchema = z.object({ ...routine, ...work }).openapi("Routine")

export const RoutineListSchema = z
  .object({
    items: z.array(
      z.object(routine).openapi("RoutineItem", { description: "A routine without what its sessions are begun with." }),
    ),
    nextCursor: z.string().optional(),
  })
  .openapi("RoutineList")

export const RoutineRunListSchema = z
  .object({ items: z.array(RoutineRunSchema), nextCursor: z.string().optional() })
  .openapi("RoutineRunList")

export const runQuery = pageQuery.extend({ status: runStatus.optional() })
