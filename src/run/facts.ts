import type { ErrorCodes } from '../errors.ts'

export const runCodes = {
  run_not_begun: {
    as: 'InvalidError',
    means: 'the run waits for its time or its queue, so no call of it can be settled',
  },
  queue_busy: {
    status: 409,
    exit: 2,
    means: 'other work of the key is open, and `onConflict` refuses this start',
  },
} as const satisfies ErrorCodes

export const runOperations = {
  'runs.start': { method: 'post', path: '/runs', takes: ['...'], makes: 'run' },
  'runs.fork': { method: 'post', path: '/runs/{run}/fork', takes: ['run', '...'], makes: 'run' },
  'runs.replay': { method: 'post', path: '/runs/{run}/replay', takes: ['run', '...'], makes: 'run' },
  'runs.list': { method: 'get', path: '/runs', takes: ['...'], gives: 'items' },
  'runs.counts': { method: 'get', path: '/run-counts', takes: ['...'] },
  'runs.get': { method: 'get', path: '/runs/{run}', takes: ['run'] },
  'runs.steps': { method: 'get', path: '/runs/{run}/steps', takes: ['run', '...'], gives: 'items' },
  'runs.step': { method: 'get', path: '/runs/{run}/steps/{step}', takes: ['run', 'step'] },
  'runs.source': { method: 'get', path: '/runs/{run}/source', takes: ['run'] },
  'runs.page': { method: 'get', path: '/runs/{run}/page', takes: ['run'], gives: 'text' },
  'runs.whole': { method: 'get', path: '/runs/{run}/steps/{step}/whole/{field}', takes: ['run', 'step', 'field'] },
  'runs.artifacts': { method: 'get', path: '/runs/{run}/artifacts', takes: ['run'], gives: 'items' },
  'runs.artifact': {
    method: 'get',
    path: '/runs/{run}/artifacts/{step}',
    takes: ['run', 'step', 'signal'],
    gives: 'bytes',
  },
  'runs.events': { method: 'get', path: '/runs/{run}/events', takes: ['run'], gives: 'events', last: 'run-end' },
  'runs.cancel': { method: 'post', path: '/runs/{run}/cancel', takes: ['run', 'reason', '...'], gives: 'nothing' },
  'runs.resume': { method: 'post', path: '/runs/{run}/resume', takes: ['run'], gives: 'nothing' },
  'runs.signal': {
    method: 'post',
    path: '/runs/{run}/signal',
    takes: ['run', 'name', 'value', '...'],
    makes: 'sig',
    by: true,
  },
  'runs.settle': {
    method: 'post',
    path: '/runs/{run}/settle',
    takes: ['run', 'step', '...', '...id'],
    makes: 'sig',
    by: true,
  },
} as const

export const INPUT_FAULTS = ['input_required', 'input_unknown', 'input_type', 'input_choice'] as const
