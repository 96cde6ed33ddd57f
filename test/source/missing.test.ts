import { readFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { DOCX_TYPE } from '../../src/source/document.ts'
import { parseFile } from '../../src/source/readers.ts'

const { peerDependencies } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

test.each([
  ['unpdf', 'application/pdf'],
  ['mammoth', DOCX_TYPE],
])('without %s says how to get the version that is known', async (name, type) => {
  vi.doMock(name, () => {
    throw new Error('Cannot find package')
  })
  await expect(parseFile({ type, name: 'a', bytes: Buffer.from('x') })).rejects.toMatchObject({
    code: 'peer_missing',
    hint: `npm install "${name}@${peerDependencies[name]}"`,
  })
})
