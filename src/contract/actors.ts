import { z } from 'zod'
import { maybe } from '../document.ts'
import { id, listOf, page } from '../house/common-fields.ts'
import { describe, events, eventsQuery, pages } from '../house/describe.ts'
import { encodeCursor } from '../house/paging.ts'
import {
  actorDocument,
  actorSummary,
  branch,
  deadLetter,
  letterSummary,
  retried,
  why,
  workCounts,
} from './documents/actor.ts'
import { OPERATIONS } from './operations.ts'

const actorsQuery = z.object({
  kind: maybe(z.string().max(100)),
  status: maybe(z.string().max(100)),
  ...page,
})

const reference = id.meta({ description: '`kind/key` with the slash as %2F, or the id of a run or an ask' })

const params = z.object({ ref: reference })

/** Actors: list, read, follow events, explain waits, show the tree, find stranded actors. */
export const ACTORS = describe(OPERATIONS, {
  'inspector.actors': {
    scope: 'admin',
    summary: 'List actors by name',
    query: actorsQuery,
    answer: pages('a page of actors', actorSummary, ({ of }) => of),
    errors: ['bad_cursor'],
  },
  'inspector.actor': {
    scope: 'read',
    summary: 'Show an actor that belongs to your runs or threads',
    params,
    answer: { about: 'the actor', schema: actorDocument },
    errors: ['not_found'],
  },
  'inspector.tail': {
    scope: 'read',
    summary: 'Follow an actor',
    params,
    query: eventsQuery,
    answer: events('the durable events of the actor until it is deleted'),
    errors: ['not_found'],
  },
  'inspector.why': {
    scope: 'read',
    summary: 'Explain what an actor waits for, and what that waits for in turn',
    params,
    answer: { about: 'the reasons', schema: why },
    errors: ['not_found'],
  },
  'inspector.tree': {
    scope: 'read',
    summary: 'Show an actor and the actors that work for it, or all actors with work',
    query: z.object({ ref: maybe(reference) }),
    answer: { about: 'the trees of actors', schema: listOf(branch) },
    errors: ['not_found'],
  },
  'inspector.work': {
    scope: 'read',
    summary: 'Count open work by what it waits for',
    description:
      'Work that other work waits for is not counted: a conversation is, its goal and the runs of it are not.',
    answer: { about: 'the numbers', schema: workCounts },
  },
  'inspector.stranded': {
    scope: 'admin',
    summary: 'List the actors that nothing will ever wake',
    answer: { about: 'their names; a healthy system has none', schema: listOf(z.string()) },
  },
})

/** Dead letters: list, read, retry, drop. */
export const DEAD_LETTERS = describe(OPERATIONS, {
  'inspector.deadLetters.list': {
    scope: 'admin',
    summary: 'List messages that failed for good, newest first',
    query: z.object({ owner: maybe(id), ...page }),
    answer: pages('a page of dead letters', letterSummary, ({ at, id }) => encodeCursor(at, id)),
    errors: ['bad_cursor'],
  },
  'inspector.deadLetters.get': {
    scope: 'admin',
    summary: 'Show a dead letter with its message and its error',
    answer: { about: 'the dead letter', schema: deadLetter },
    errors: ['not_found'],
  },
  'inspector.deadLetters.retry': {
    scope: 'admin',
    summary: 'Send a dead letter again and wait for the result',
    answer: { about: 'the result', schema: retried },
    errors: ['not_found'],
  },
  'inspector.deadLetters.drop': {
    scope: 'admin',
    summary: 'Drop a dead letter',
    answer: { about: 'the dropped dead letter', schema: letterSummary },
    errors: ['not_found'],
  },
})
