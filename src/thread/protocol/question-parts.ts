/**
 * Where a search looks: in the texts and the memory as they are ranked first, in the hits that it left out then, by
 * wider terms, and in the web.
 */
export type SearchPlace = 'texts' | 'memory' | 'rest' | 'wider' | 'web'

/** A part of a question, and the ids of the hits that fit it. None: nothing that was found does. */
export type QuestionPart = { readonly question: string; readonly hits: readonly string[] }

/** A part of a question in an answer: whether it is answered, and the ids that the answer cites for it. */
export type AnsweredPart = { readonly question: string; readonly answered: boolean; readonly cites: readonly string[] }

/** Notes of a search about itself: the hits of each part, where it looked, and where there is more. */
export type SearchNotes = {
  /** absent: the question has one part */
  readonly parts?: readonly QuestionPart[]
  /** absent: the phase does not say it */
  readonly looked?: readonly SearchPlace[]
  /** where there is something that it did not look at; absent: nowhere */
  readonly left?: readonly SearchPlace[]
}
