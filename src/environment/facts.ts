import type { ErrorCodes } from '../errors.ts'

export const environmentCodes = {
  stale_version: { status: 409, exit: 2, means: 'the environment has another version than the expected one' },
} as const satisfies ErrorCodes

export const environmentOperations = {
  'environments.list': { method: 'get', path: '/environments', takes: ['...'], gives: 'items' },
  'environments.get': { method: 'get', path: '/environments/{name}', takes: ['name'] },
  'environments.update': { method: 'patch', path: '/environments/{name}', takes: ['name', 'patch', '...'] },
  'environments.watch': { method: 'get', path: '/environments/{name}/events', takes: ['name'], gives: 'events' },
  'environments.history': { method: 'get', path: '/environments/{name}/history', takes: ['name', '...'] },
  'environments.snapshot': { method: 'post', path: '/environments/{name}/snapshots', takes: ['name'] },
  'environments.restore': { method: 'post', path: '/environments/{name}/restore', takes: ['name', 'version', '...'] },
  'environments.health': { method: 'get', path: '/health/checks', takes: [] },
} as const
