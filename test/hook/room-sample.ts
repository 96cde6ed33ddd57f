import type { RoomSample } from '../rooms/samples.ts'

export const sample: RoomSample = {
  calls: ({ hooks }) => [hooks.list()],
  answers: [['get /hooks', '/hooks']],
  scopes: { 'hooks.list': 'read', 'hooks.deliver': 'open', 'hooks.signal': 'open' },
}
