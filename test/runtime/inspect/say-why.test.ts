import { expect, test } from 'vitest'
import { sayWhy } from '../../../src/runtime/inspect/say-why.ts'
import type { Hold, Why } from '../../../src/runtime/ports/inspector.ts'

const why = (of: string, holds: readonly Hold[], waitsFor: readonly Why[] = []): Why => ({
  of,
  status: 'running',
  holds,
  waitsFor,
  more: 0,
  letters: [],
})
const run = (...waitsFor: Why[]) => why('run/r', [{ type: 'others' }], waitsFor)
const effect = (more: object = {}) => ({
  type: 'effect' as const,
  work: { kind: 'run', id: 'r' } as const,
  effect: { name: 'call', attempt: 1, ...more },
})

test.each<[string, Why, object]>([
  [
    'a person comes before work that goes on',
    run(why('step/r.a', [effect({ since: 1 })]), why('step/r.b', [{ type: 'signal', name: 'ok', since: 5 }])),
    { says: 'step b waits for an answer (ok)', since: 5, person: true },
  ],
  [
    'the decision about a call is named in words',
    run(why('step/r.call_1', [{ type: 'signal', name: 'call:call_1', since: 5 }])),
    { says: 'step call_1 waits for the decision of a person about its call', since: 5, person: true },
  ],
  [
    'a place in a queue is named',
    run(why('step/r.a', [{ ...effect({ since: 3 }), queued: { pool: 'steps', place: 2, of: 9 } }])),
    { says: 'step a is number 2 of 9 in the queue of the pool steps', since: 3 },
  ],
  [
    'a debounced run says until when',
    why('run/r', [{ type: 'queue', key: 'ann', behind: [], until: 5000 }, { type: 'others' }]),
    { says: 'the run waits until 1970-01-01T00:00:05.000Z for another start of the key ann' },
  ],
  [
    'a pause names the failure before it',
    run(why('step/r.a', [effect({ attempt: 2, until: 9, problem: { code: 'timeout', name: 'B', message: 'm' } })])),
    { says: 'step a failed with timeout and pauses before attempt 2' },
  ],
  [
    'workers that failed too often are no lack of places',
    run(
      why('step/r.a', [effect({ until: 9, problem: { code: 'workers_unhealthy', name: 'BusyError', message: 'm' } })]),
    ),
    { says: 'step a failed with workers_unhealthy and pauses before attempt 1' },
  ],
  [
    'alike causes are counted',
    run(why('step/r.a', [effect({ since: 1 })]), why('step/r.b', [effect({ since: 2 })])),
    { says: 'step a works, and 1 more like it', since: 1, works: true },
  ],
  [
    'causes beyond the named ones are not counted',
    { ...run(why('step/r.a', [effect({ since: 1 })]), why('step/r.b', [effect({ since: 2 })])), more: 80 },
    { says: 'step a works, and others like it', since: 1, works: true },
  ],
  [
    'a child run is looked through',
    run(
      why(
        'step/r.a',
        [{ type: 'others' }],
        [why('run/low', [{ type: 'left', work: { kind: 'run', id: 'low' }, since: 7 }])],
      ),
    ),
    { says: 'the run was interrupted, and no process works on it', since: 7, interrupted: true },
  ],
  [
    'work in its place comes before work in a queue',
    run(
      why('step/r.a', [{ ...effect({ since: 3 }), queued: { pool: 'steps', place: 2, of: 9 } }]),
      why('step/r.b', [effect({ since: 4 })]),
    ),
    { says: 'step b works; 1 waiting for a place', since: 4, works: true },
  ],
  [
    'a call that its pool turned away waits for a place, too',
    run(
      why('step/r.a', [effect({ until: 9, problem: { code: 'busy', name: 'BusyError', message: 'm' } })]),
      why('step/r.b', [effect({ since: 4 })]),
    ),
    { says: 'step b works; 1 waiting for a place', since: 4, works: true },
  ],
  [
    'and says so where nothing works',
    run(why('step/r.a', [effect({ until: 9, problem: { code: 'busy', name: 'BusyError', message: 'm' } })])),
    { says: 'step a waits for a place in a pool' },
  ],
])('%s', (_, given, expected) => {
  expect(sayWhy(given)).toEqual(expected)
})

test('an actor without work has no sentence', () => {
  expect(sayWhy(why('run/r', []))).toBeUndefined()
})
