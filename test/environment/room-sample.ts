import type { RoomSample } from '../rooms/samples.ts'

export const sample: RoomSample = {
  calls: ({ environments }) => [
    environments.list(),
    environments.get('a/b'),
    environments.update('a/b', { tea: 1 }, { expectedVersion: 0 }),
    environments.watch('a/b'),
    environments.history('a/b', { from: 0 }),
    environments.snapshot('a/b'),
    environments.restore('a/b', 1),
    environments.health(),
  ],
  answers: [
    ['patch /environments/{name}', '/environments/harbour', { patch: { tide: 'ebb' } }],
    ['get /environments', '/environments'],
    ['get /environments/{name}', '/environments/harbour'],
    ['get /environments/{name}/history', '/environments/harbour/history?from=0'],
    ['post /environments/{name}/snapshots', '/environments/harbour/snapshots', {}],
    ['get /health/checks', '/health/checks'],
  ],
  bodies: {
    'patch /environments/{name}': { patch: { tea: 1 } },
    'post /environments/{name}/restore': { version: 1 },
  },
  makesOwn: ['patch /environments/{name}'],
  async prepare({ environments }) {
    await environments.update('ann:gate', { tea: 1 })
    await environments.snapshot('ann:gate')
  },
}
