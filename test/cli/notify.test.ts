import { expect, it } from 'vitest'
import { describeNotify } from '../../src/cli/doctor/notify.ts'
import { receiverAt } from '../notify/office.ts'
import { openReceiver, SECRET } from '../notify/receiver.ts'
import { openBench } from './commands.ts'
import { REAL } from './programs.ts'

const environment = { ANTIPHON_SECRET_HOOKS: SECRET }

it('tests each receiver, and lists the notices that were not delivered', async () => {
  const { received, url, answers } = await openReceiver([204])
  const bench = openBench(REAL)
  expect(await bench.run('notify', 'test')).toMatchObject({
    code: 0,
    out: expect.stringContaining('names no receiver'),
  })
  bench.write('antiphon.yaml', JSON.stringify({ notify: [receiverAt(url)] }))
  const { origin } = new URL(url)
  const good = { code: 0, out: `ok   ${origin}  took the message (status 204)\n` }
  expect(await bench.runWith(environment, 'notify', 'test')).toMatchObject(good)
  expect(received.map(({ body }) => body.type)).toEqual(['test'])
  answers[0] = 500
  const bad = { code: 1, out: `BAD  ${origin}  ${origin} answered with status 500, expected 2xx\n` }
  expect(await bench.runWith(environment, 'notify', 'test')).toMatchObject(bad)
  const missing = await bench.run('notify', 'test', '--json')
  expect(JSON.parse(missing.out)).toMatchObject([{ receiver: origin, ok: false, problem: { code: 'notice_secret' } }])

  bench.write('gate.yaml', 'name: g', 'steps: [{ id: ok, tool: approval-gate, parameters: { title: Go on? } }]')
  await bench.runWith(environment, 'run', 'gate.yaml', '--id', 'g1')
  const { out } = await bench.runWith(environment, 'notify', 'list', '--json')
  expect(JSON.parse(out)).toMatchObject([{ event: 'approval', about: 'g1', status: 'pending', attempts: 1 }])
})

it('doctor names a missing secret, missing links and messages that were given up', async () => {
  const setup = { data: '/nowhere', notify: [{ url: 'https://hooks.example.com/a', secret: 'secret://hooks' }] }
  const none = async () => []
  const given = (status: 'failed' | 'pending') => async () => [{ status } as never]
  expect(await describeNotify({ data: '/nowhere' }, {}, none)).toContain('no receiver')
  await expect(describeNotify(setup, {}, none)).rejects.toThrow('There is no secret hooks')
  await expect(describeNotify(setup, { ANTIPHON_SECRET_HOOKS: 'plain-text' }, none)).rejects.toThrow('whsec_')
  expect(await describeNotify(setup, environment, given('pending'))).toBe(
    '1 receiver; 1 message not taken yet, see antiphon notify list; messages have no links: set serve: { publicUrl: https://… }',
  )
  await expect(describeNotify(setup, environment, given('failed'))).rejects.toThrow('1 message given up after a day.')
})
