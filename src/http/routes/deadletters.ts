import { z } from 'zod'
import { cursorOfLetter } from '../../runtime/ports/inspector.ts'
import { type Route, route } from '../routing/route.ts'
import { deadLetter, letterSummary, retried } from '../schemas/actor.ts'
import { id, listOf, maybe, page, pageOf } from '../schemas/basic.ts'

const params = z.object({ letter: id })

/** Dead letters: list, look at one, send it again, drop it. */
export const deadLetterRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/deadletters',
    scope: 'admin',
    summary: 'Messages that failed for good, the newest first',
    query: z.object({ owner: maybe(id), ...page }),
    answer: { about: 'a page of them', schema: listOf(letterSummary) },
    errors: ['bad_cursor'],
    handle: async ({ runtime, query }) => pageOf(await runtime.inspector.letters(query), query.limit, cursorOfLetter),
  }),
  route({
    method: 'get',
    path: '/deadletters/{letter}',
    scope: 'admin',
    summary: 'A dead letter with its message and its error',
    params,
    answer: { about: 'the dead letter', schema: deadLetter },
    errors: ['not_found'],
    handle: ({ runtime, params }) => runtime.inspector.letter(params.letter),
  }),
  route({
    method: 'post',
    path: '/deadletters/{letter}/retry',
    scope: 'admin',
    summary: 'Send a dead letter again, and wait until it was taken',
    params,
    answer: { about: 'what came of it', schema: retried },
    errors: ['not_found'],
    handle: ({ runtime, params, signal }) => runtime.inspector.retry(params.letter, signal),
  }),
  route({
    method: 'post',
    path: '/deadletters/{letter}/drop',
    scope: 'admin',
    summary: 'Drop a dead letter',
    params,
    answer: { about: 'what was dropped', schema: letterSummary },
    errors: ['not_found'],
    handle: ({ runtime, params }) => runtime.inspector.drop(params.letter),
  }),
]
