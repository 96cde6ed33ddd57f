import { z } from 'zod'
import { json, maybe } from '../../document.ts'
import { listOf, page } from '../../house/common-fields.ts'
import { describe, events, eventsQuery } from '../../house/describe.ts'
import { environmentOperations } from '../facts.ts'
import { ENVIRONMENT_LIMITS } from '../state.ts'
import {
  environmentDocument,
  environmentHistory,
  environmentSummary,
  environmentVersion,
  healthDocument,
} from './documents.ts'

const version = z.int().min(0)
const source = maybe(
  z
    .string()
    .min(1)
    .max(ENVIRONMENT_LIMITS.source)
    .refine((text) => text.isWellFormed() && !/\p{Cc}/u.test(text), 'expected a text without control characters')
    .meta({ description: 'who makes the change; default `owner/NAME`' }),
)

const patchRequest = z.strictObject({
  patch: z.record(z.string(), json).meta({ description: 'a JSON Merge Patch: null deletes a key' }),
  expectedVersion: maybe(version).meta({
    description: 'refused when the environment has another version; 0: none yet',
  }),
  ttl: maybe(z.int().positive().max(ENVIRONMENT_LIMITS.ttl)).meta({ description: 'lifetime of the keys in ms' }),
  source,
})

const changed = { about: 'the new version', schema: environmentVersion }

/** Environments: list, read, change, follow, save, restore. */
export const ENVIRONMENTS = describe(environmentOperations, {
  'environments.list': {
    scope: 'read',
    summary: 'List environments by name',
    query: z.object({ ...page }),
    answer: { about: 'a page of environments', schema: listOf(environmentSummary) },
    errors: ['bad_cursor'],
  },
  'environments.get': {
    scope: 'read',
    summary: 'Show the state of an environment',
    answer: { about: 'the environment', schema: environmentDocument },
    errors: ['not_found'],
  },
  'environments.update': {
    scope: 'run',
    summary: 'Change an environment; the first update creates it',
    body: patchRequest,
    idempotent: true,
    answer: changed,
    errors: ['not_found', 'stale_version', 'too_large', 'busy', 'storage'],
  },
  'environments.watch': {
    scope: 'read',
    summary: 'Follow the changes of an environment as server-sent events',
    query: eventsQuery,
    answer: events('changes after a version, then new ones; the number of an event is its version'),
    errors: ['not_found'],
  },
  'environments.history': {
    scope: 'read',
    summary: 'List the changes of an environment between two times',
    query: z.object({
      from: maybe(z.coerce.number().min(0)).meta({ description: 'ms since the epoch; default: the first change' }),
      to: maybe(z.coerce.number().min(0)).meta({ description: 'ms since the epoch; default: now' }),
      after: maybe(z.coerce.number().int().min(0)).meta({ description: 'only changes after this version' }),
      limit: maybe(z.coerce.number().int().min(1).max(ENVIRONMENT_LIMITS.changes)),
    }),
    answer: { about: 'the changes, the oldest first', schema: environmentHistory },
    errors: ['not_found'],
  },
  'environments.snapshot': {
    scope: 'run',
    summary: 'Save the state of an environment',
    answer: { about: 'the version that the snapshot holds', schema: environmentVersion },
    errors: ['not_found', 'busy', 'storage'],
  },
  'environments.restore': {
    scope: 'run',
    summary: 'Bring the state of a snapshot back, as a new version',
    body: z.strictObject({ version, source }),
    answer: changed,
    errors: ['not_found', 'busy', 'storage'],
  },
  'environments.health': {
    scope: 'admin',
    summary: 'Check timers, memory, open files and the disk of the process',
    answer: { about: 'the status and its checks', schema: healthDocument },
  },
})
