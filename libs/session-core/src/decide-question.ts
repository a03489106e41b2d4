import type { Answer } from "./command.ts"
import { refuseOthers } from "./decide-driver.ts"
import { refuseEnded } from "./end-turns.ts"
import type { Recording } from "./recording.ts"
import { SessionError } from "./session-error.ts"
import { isEnded, openQuestions, type PendingQuestion, type SessionState } from "./session-state.ts"

/** A person answers or declines; the first answer wins. The content was checked against the question's schema before. */
export function answerQuestion(recording: Recording, { questionId, action, content, fence }: Answer) {
  const { state } = recording
  if (isEnded(state)) return refuseEnded(state)
  const refusal = refuseOthers(recording, fence)
  if (refusal) return refusal
  const question = chosenQuestion(state, questionId)
  if (SessionError.is(question)) return question
  const answer = action === "accept" ? { content: { ...content } } : {}
  recording.record("question.answered", { questionId: question.questionId, action, ...answer })
  return undefined
}

export function questionDelivered(recording: Recording, questionId: string) {
  const known = recording.state.questions.some(
    (question) => question.questionId === questionId && question.answer !== undefined,
  )
  if (known) recording.record("question.delivered", { questionId })
}

/** The named one, or the only one that is open. */
export function chosenQuestion(state: SessionState, questionId: string | undefined): PendingQuestion | SessionError {
  const open = openQuestions(state)
  const found = questionId === undefined ? open[0] : open.find((question) => question.questionId === questionId)
  if (questionId === undefined && open.length > 1)
    return new SessionError(
      "question-not-found",
      `${open.length} questions are open, name one: ${open.map((question) => question.questionId).join(", ")}.`,
    )
  const wanted = questionId === undefined ? "an answer" : `an answer to ${questionId}`
  return found ?? new SessionError("question-not-found", `Session ${state.sessionId} does not wait for ${wanted}.`)
}
