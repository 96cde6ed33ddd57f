import type { RoomSample } from '../rooms/samples.ts'

export const sample: RoomSample = {
  calls: ({ workflows }) => [workflows.list()],
  answers: [['get /workflows', '/workflows']],
  scopes: { 'workflows.list': 'read' },
}
