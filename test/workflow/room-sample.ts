import type { RoomSample } from '../rooms/samples.ts'

export const sample: RoomSample = {
  calls: ({ workflows }) => [
    workflows.list(),
    workflows.check(),
    workflows.history('a/b'),
    workflows.ask('a/b', 'progress', 1),
  ],
  answers: [
    ['get /workflows', '/workflows'],
    ['get /workflow-check', '/workflow-check'],
  ],
  bodies: { 'post /runs/{run}/ask': { name: 'progress' } },
  scopes: { 'workflows.list': 'read', 'workflows.check': 'admin', 'workflows.history': 'read', 'workflows.ask': 'run' },
}
