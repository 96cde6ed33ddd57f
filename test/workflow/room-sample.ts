import type { RoomSample } from '../rooms/samples.ts'

export const sample: RoomSample = {
  calls: ({ workflows }) => [workflows.list(), workflows.check(), workflows.history('a/b')],
  answers: [
    ['get /workflows', '/workflows'],
    ['get /workflow-check', '/workflow-check'],
  ],
  scopes: { 'workflows.list': 'read', 'workflows.check': 'admin', 'workflows.history': 'read' },
}
