import { z } from 'zod'
import { maybe, type Plain, time } from '../document.ts'

/** The doors through which a person or a program says something. */
const DOORS = ['cli', 'ui', 'http', 'link', 'mcp', 'chat', 'program'] as const

export const MAX_NAME_CHARACTERS = 200
const name = z.string().min(1).max(MAX_NAME_CHARACTERS)

const byFields = {
  type: z.enum(['key', 'user', 'staff', 'visitor', 'link', 'program']),
  name: name.meta({ description: 'as antiphon knows it: of the key, the user of the machine, the session, the link' }),
  id: maybe(z.string().max(200)).meta({ description: 'id of the key or the link' }),
  typed: maybe(name).meta({ description: 'a name that somebody typed; nobody has checked it' }),
  through: z.enum(DOORS),
}

export const by = z.object(byFields).meta({ id: 'By' })

/** The caller that said something, and its door. */
export type By = Plain<typeof by>

export const ANSWER_KINDS = ['approved', 'rejected', 'changed', 'withdrawn', 'settled', 'answered'] as const

/** An answer that work has taken, and its caller. A call may have several: it was approved, and settled later. */
export const answer = z
  .object({
    what: z.enum(ANSWER_KINDS).meta({
      description:
        '`changed`: approved with other parameters; `withdrawn`: the call does not fit its changed tool any more',
    }),
    outcome: maybe(z.string()).meta({ description: 'of `settled`: done, not-done or fail' }),
    by,
    at: time,
  })
  .meta({ id: 'AnswerBy' })
export type GivenAnswer = Plain<typeof answer>

/** A program that says something for a person. */
export const programBy = (named = 'program'): By => ({ type: 'program', name: nameIn(named), through: 'program' })

/** A name on one line, cut to its limit. */
export const nameIn = (text: string): string =>
  text
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_NAME_CHARACTERS)
    .toWellFormed() || 'nobody'
