import { expect, it } from 'vitest'
import { checkStorage } from '../../../src/engine/restate/shared-storage.ts'

/** What two nodes see: the marks in their storage, and the one that is kept by the server. */
function createPlace(kept?: string) {
  const marks: string[] = []
  const place = { kept, whileAsked: () => {} }
  const storage = {
    name: 'common',
    marks: async () => [...marks],
    mark: async (name: string) => void (marks.includes(name) || marks.push(name)),
  }
  const client = {
    async query() {
      place.whileAsked()
      return place.kept === undefined ? [] : [{ mark: JSON.stringify(place.kept) }]
    },
    async call({ body }: { readonly body?: unknown }) {
      place.kept ??= (body as { readonly row: string }).row
      return { status: 200, body: place.kept }
    },
  }
  const check = () => checkStorage({ client, names: { directory: 'dir' }, namespace: 'app', storage })
  return { marks, place, check }
}

it('a node that starts while the first one does takes its mark for what it is', async () => {
  const { marks, place, check } = createPlace()
  place.whileAsked = () => {
    place.kept = 'app.first'
    marks.push('app.first')
  }
  await (await check())()
  expect(marks).toEqual(['app.first'])
})

it('one of two nodes that start first at the same time wins', async () => {
  const { marks, place, check } = createPlace()
  const claims = await Promise.all([check(), check()])
  await Promise.all(claims.map((claim) => claim()))
  expect(marks).toContain(place.kept)
  await (await check())()
})

it('a node whose storage has not the mark that is kept is refused', async () => {
  const { check } = createPlace('app.first')
  await expect(check()).rejects.toMatchObject({ code: 'other_storage' })
})
