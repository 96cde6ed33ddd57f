import { expect, it } from 'vitest'
import { viewErasures } from '../../src/erasure/room/open-port.ts'

it('only an admin forgets an owner, and only the user of the folder forgets its own data', async () => {
  const port = { forget: async () => 'forgotten', get: async () => 'report' } as never
  const view = (isAdmin: boolean, local: boolean) =>
    viewErasures(port, { isAdmin, caller: { owner: 'ann', local } } as never)
  await expect(view(false, false).forget('ada')).rejects.toMatchObject({ code: 'scope_missing' })
  await expect(view(false, false).get('o_1')).rejects.toMatchObject({ code: 'scope_missing' })
  await expect(view(true, false).forget('local')).rejects.toMatchObject({ code: 'local_only' })
  expect(await view(true, false).forget('ada')).toBe('forgotten')
  expect(await view(true, true).forget('local')).toBe('forgotten')
})
