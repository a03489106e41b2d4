import { operations } from "@aegis/openapi-contract"
import { SessionError } from "@aegis/session-core"
import { authorizeSession } from "./authorize-request.ts"
import { guarded } from "./guarded.ts"
import { cursorOf, placeOf } from "./paging.ts"
import { type App, audienceOfCaller, holderOf, type RouteParts } from "./routes.ts"
import { toApproval } from "./session-wire.ts"

/** Routes of approvals, whosever session they are of. */
export function addApprovalRoutes(app: App, parts: RouteParts) {
  const { aegis, config } = parts

  app.openapi(guarded(operations.listApprovals, parts), async (context) => {
    const { after, ...query } = context.req.valid("query")
    const page = await aegis.pageApprovals({ ...query, after: placeOf(after), ...audienceOfCaller(context, parts) })
    return context.json({ items: page.approvals.map(toApproval), ...cursorOf(page.next) }, 200)
  })

  app.openapi(guarded(operations.getApproval, parts), async (context) => {
    const { approvalId } = context.req.valid("param")
    const approval = await aegis.getApproval(approvalId)
    const { sessionId } = approval
    const { principal } = holderOf(context)
    await authorizeSession(principal, "session.read", { sessionId, aegis, config }).catch((error: unknown) => {
      // Exactly as if there were none.
      if (!SessionError.is(error)) throw error
      throw new SessionError("approval-not-found", `There is no approval ${approvalId}.`)
    })
    return context.json(toApproval(approval), 200)
  })
}
