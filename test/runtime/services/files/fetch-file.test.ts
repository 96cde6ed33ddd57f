import { expect, it } from 'vitest'
import { fileFetcher } from '../../../../src/runtime/services/files/fetch-file.ts'
import type { Web } from '../../../../src/web/request.ts'

const answering = (status: number) => {
  const asked: unknown[] = []
  const request = async (given: object) => {
    asked.push(given)
    return { status, body: Buffer.from('a harbour') }
  }
  return { asked, fetchFile: fileFetcher(async () => ({ request }) as unknown as Web) }
}

it('a file is fetched once within its limits, and has the last part of its address as its name', async () => {
  const { asked, fetchFile } = answering(200)
  const url = 'https://example.com/photos/old%20pier.png?size=2'
  expect(await fetchFile(url)).toEqual({ content: Buffer.from('a harbour'), name: 'old pier.png' })
  expect(asked).toEqual([{ url, maxBytes: 25_000_000, timeout: 30_000 }])
})

it('an answer without the file is an error with its status', async () => {
  await expect(answering(404).fetchFile('https://example.com/a.png')).rejects.toThrow('the status 404')
})
