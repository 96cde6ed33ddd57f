import { isJsonObject, type Json } from '../../kernel/json.ts'
import { ownValue } from '../../lib/own.ts'

/** The ways to decide about a call. */
export type SaidAction = 'approve' | 'reject' | 'modify'

const ACTION_OF_WORD: { readonly [word: string]: SaidAction } = {
  approve: 'approve',
  approved: 'approve',
  yes: 'approve',
  true: 'approve',
  reject: 'reject',
  rejected: 'reject',
  no: 'reject',
  false: 'reject',
  modify: 'modify',
}

/** The action that an answer names: by a word, or by the field `action` or `approved` of a map. */
export function saidAction(value: Json): SaidAction | undefined {
  const said = isJsonObject(value) ? (value.action ?? value.approved) : value
  return ownValue(
    ACTION_OF_WORD,
    String(said ?? '')
      .trim()
      .toLowerCase(),
  )
}
