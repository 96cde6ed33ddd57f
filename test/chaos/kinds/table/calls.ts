import type { Case } from '../case.ts'

/** Tool calls as runs: of every effect class, with an approval before them, and undone. */
export const calls: readonly Case[] = [
  {
    name: 'approved',
    requests: [{ id: 'once', tool: 'post', parameters: { v: 'sent' } }],
    options: { approve: ['post'] },
    acts: [{ on: 'signal-wait once', signal: 'approve_once', value: 'approve' }],
    outcome: { status: 'completed', success: true, outputs: { once: { v: 'sent' } } },
    calls: { sent: 1 },
    once: {
      label: 'sent',
      step: 'once',
      outcome: { status: 'failed', success: false, error_code: 'settled_failed', failed_step: 'once' },
    },
  },
  {
    name: 'classes',
    requests: [
      { id: 'pure', tool: 'look', parameters: { v: 'pure' } },
      { id: 'undoable', tool: 'book', parameters: { v: 'undoable' } },
      { id: 'kept', tool: 'keep', parameters: { v: 'kept' } },
      { id: 'once', tool: 'post', parameters: { v: 'once' } },
      { id: 'fails', tool: 'crumble', parameters: { v: 'fails' } },
    ],
    options: { onFailure: 'continue' },
    outcome: {
      status: 'completed',
      success: false,
      outputs: {
        pure: { v: 'pure' },
        undoable: { v: 'undoable' },
        kept: { v: 'kept' },
        once: { v: 'once' },
        fails: null,
      },
    },
    calls: { pure: 1, undoable: 1, kept: 1, once: 1, fails: 1 },
    once: {
      label: 'once',
      outcome: {
        status: 'completed',
        success: false,
        outputs: { pure: { v: 'pure' }, undoable: { v: 'undoable' }, kept: { v: 'kept' }, once: null, fails: null },
      },
    },
  },
  {
    name: 'regretted',
    requests: [
      { id: 'booked', tool: 'book', parameters: { v: 'booked' } },
      { id: 'fails', tool: 'crumble', parameters: { v: 'fails' } },
    ],
    options: { onFailure: 'undo', approve: ['crumble'] },
    acts: [{ on: 'step-end booked', signal: 'approve_fails', value: 'approve' }],
    outcome: { status: 'failed', success: false, failed_step: 'fails' },
    calls: { booked: 1, fails: 1 },
    undone: ['booked {"before":"nothing"}'],
  },
]
