/**
 * The contract: what a caller can do, described once for the runtime, the server and the client. This table names
 * the operations. The files beside it describe parameters, answers and errors, and `documents/` holds the schemas of
 * answers. Start here to add an operation.
 */

import { accessOperations } from '../access/facts.ts'
import { conversationOperations, goalOperations } from '../agent/facts.ts'
import type { Operation } from '../house/operation.ts'
import { inboxOperations } from '../inbox/facts.ts'
import { pipelineOperations } from '../pipeline/facts.ts'
import { runOperations } from '../run/facts.ts'
import { decisionOperations, threadOperations } from '../thread/facts.ts'
import { ROOM_OPERATIONS } from './facts.ts'

/**
 * Every operation over HTTP: what a program calls it, where it is, and how its arguments become a
 * request. This table is plain data, because `antiphon/client` loads it: it imports nothing but plain data.
 * The schemas are in the files beside it and in the rooms, under the same names.
 */
export const OPERATIONS = {
  ...pipelineOperations,
  ...runOperations,

  'tools.call': { method: 'post', path: '/tools/calls', takes: ['calls', '...'], makes: 'run' },

  ...goalOperations,

  ...ROOM_OPERATIONS,

  ...threadOperations,

  ...conversationOperations,

  ...inboxOperations,
  ...decisionOperations,

  'maintenance.cache.report': { method: 'get', path: '/cache', takes: [] },
  'maintenance.cache.drop': { method: 'post', path: '/cache/drop', takes: ['...'] },
  'maintenance.backup': { method: 'post', path: '/backup', takes: ['file', '...', 'signal'] },
  'maintenance.gc': { method: 'post', path: '/gc', takes: ['...', 'signal'] },

  'catalogue.tools': { method: 'get', path: '/tools', takes: [], gives: 'items' },
  'catalogue.tool': { method: 'get', path: '/tools/{tool}', takes: ['tool'], gives: 'items' },
  'catalogue.health': { method: 'get', path: '/tool-health', takes: [], gives: 'items' },
  'catalogue.models': { method: 'get', path: '/models', takes: [], gives: 'items' },
  'catalogue.judgeModels': { method: 'get', path: '/models/choice', takes: ['needs'], gives: 'items' },
  'catalogue.phases': { method: 'get', path: '/chain/phases', takes: [], gives: 'items' },
  'catalogue.selectPhases': { method: 'get', path: '/chain/select', takes: ['...'], gives: 'items' },

  'inspector.pools': { method: 'get', path: '/pools', takes: [] },
  'inspector.metrics': { method: 'get', path: '/metrics', takes: [], gives: 'text' },
  'inspector.series': { method: 'get', path: '/series', takes: ['...'] },
  'inspector.actors': { method: 'get', path: '/actors', takes: ['...'], gives: 'items' },
  'inspector.actor': { method: 'get', path: '/actors/{ref}', takes: ['ref'] },
  'inspector.tail': { method: 'get', path: '/actors/{ref}/events', takes: ['ref'], gives: 'events' },
  'inspector.why': { method: 'get', path: '/actors/{ref}/why', takes: ['ref'] },
  'inspector.tree': { method: 'get', path: '/tree', takes: ['ref'], gives: 'items' },
  'inspector.work': { method: 'get', path: '/work-counts', takes: [] },
  'inspector.stranded': { method: 'get', path: '/stranded', takes: [], gives: 'items' },
  'inspector.deadLetters.list': { method: 'get', path: '/deadletters', takes: ['...'], gives: 'items' },
  'inspector.deadLetters.get': { method: 'get', path: '/deadletters/{letter}', takes: ['letter'] },
  'inspector.deadLetters.retry': {
    method: 'post',
    path: '/deadletters/{letter}/retry',
    takes: ['letter', 'signal'],
  },
  'inspector.deadLetters.drop': { method: 'post', path: '/deadletters/{letter}/drop', takes: ['letter'] },

  ...accessOperations,

  caller: { method: 'get', path: '/caller', takes: [] },
  feed: { method: 'get', path: '/feed', takes: ['...'], gives: 'events' },
  health: { method: 'get', path: '/health', takes: [], gives: 'nothing' },
  ready: { method: 'get', path: '/ready', takes: [], gives: 'nothing' },
  openApi: { method: 'get', path: '/openapi.json', takes: [] },
  status: { method: 'get', path: '/status', takes: [] },
  handOver: { method: 'post', path: '/handover', takes: ['wait'], gives: 'nothing' },
  // its stream is the presence of the other process
  attend: { method: 'get', path: '/presence' },
} as const satisfies { readonly [name: string]: Operation }

/** The name of an operation: its port and the method there. */
export type OperationName = keyof typeof OPERATIONS
