import type { RoomSample } from '../rooms/samples.ts'

/** The requests with which the tests of all routes try memory. */
export const sample: RoomSample = {
  calls: (client) => [
    client.memory.add({ records: [{ text: 'a' }] }),
    client.memory.list(),
    client.memory.get('a/b'),
    client.memory.pin('a/b', { pinned: true }),
    client.memory.search({ text: 'a' }),
    client.memory.forget({ id: 'a/b' }),
    client.memory.changes(),
    client.memory.undo(1),
    client.memory.export(),
    client.memory.import(ReadableStream.from(['{}'])),
    client.memory.proposals(),
    client.memory.accept('a/b'),
    client.memory.decline('a/b'),
    client.memory.stats(),
  ],
  answers: [
    [
      'post /memory/records',
      '/memory/records',
      { records: [{ id: 'gate', text: 'The gate is blue', subject: 'gate' }] },
    ],
    ['get /memory/records', '/memory/records'],
    ['get /memory/records/{record}', '/memory/records/gate'],
    ['post /memory/search', '/memory/search', { text: 'gate' }],
    ['get /memory/changes', '/memory/changes'],
    ['get /memory/proposals', '/memory/proposals'],
    ['get /memory/stats', '/memory/stats'],
  ],
  bodies: {
    'post /memory/records': { records: [{ text: 'a note' }] },
    'post /memory/records/{record}/pin': { pinned: true },
    'post /memory/search': { text: 'gate' },
    'post /memory/forget': { id: 'gate' },
    'post /memory/changes/{change}/undo': {},
    'post /memory/proposals/{record}/accept': {},
    'post /memory/proposals/{record}/decline': {},
  },
  makesOwn: [],
  prepare: (runtime) => runtime.memory('ann').add([{ id: 'gate', text: 'The gate of Ann is blue' }]),
}
