import { hash } from 'node:crypto'
import type { FilesClient } from '../../src/file/room/client.ts'
import { fileIdOf } from '../../src/lib/media/file-ref.ts'
import type { RoomSample } from '../rooms/samples.ts'

const CONTENT = '{}'
const file = fileIdOf(hash('sha256', CONTENT))

async function readOne(files: FilesClient): Promise<void> {
  const { content } = await files.open(file)
  for await (const _ of content());
}

export const sample: RoomSample = {
  calls: ({ files }) => [
    files.add(new TextEncoder().encode(CONTENT), { name: 'a.txt' }),
    files.list(),
    files.get(file),
    readOne(files),
    files.thumbnail(file),
    files.remove(file),
  ],
  answers: [
    ['put /files', '/files?name=a.txt', {}],
    ['get /files', '/files'],
    ['get /files/{file}/record', `/files/${file}/record`],
    ['delete /files/{file}', `/files/${file}`],
  ],
  scopes: {
    'files.add': 'talk ask',
    'files.list': 'talk read ask',
    'files.open': 'talk read ask',
    'files.thumbnail': 'talk read ask',
    'files.get': 'talk read ask',
    'files.remove': 'talk ask',
  },
  prepare: ({ files }) => files.add(new TextEncoder().encode(CONTENT), { owner: 'ann', name: 'a.txt' }),
}
