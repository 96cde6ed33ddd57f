import { COMMONS } from '../../src/commons/actor.ts'
import type { RoomSample } from '../rooms/samples.ts'

/** The requests with which the tests of all routes try shared prompts. */
export const sample: RoomSample = {
  calls: ({ priors }) => [
    priors.sharing(),
    priors.setSharing(true),
    priors.get('gate'),
    priors.rewards('gate'),
    priors.forget('other'),
    priors.recordCitation({ citedRecord: 'gate', citingAsk: 'gate', value: '1' }),
  ],
  answers: [
    ['get /ledger/sharing', '/ledger/sharing'],
    ['put /ledger/sharing', '/ledger/sharing', { agreed: true }],
    ['get /priors/{prior}', '/priors/gate'],
    ['get /asks/{ask}/rewards', '/asks/gate/rewards'],
  ],
  bodies: {
    'put /ledger/sharing': { agreed: true },
    'post /citations': { citedRecord: 'gate', citingAsk: 'gate', value: '1' },
  },
  async prepare(runtime) {
    await runtime.memory('public').add([{ id: 'gate', kind: 'prior', text: 'Who keeps the gate?' }])
    for (const ask of ['gate', 'ask-of-ann'])
      await runtime.engine.tell(COMMONS, { type: 'ended', ask, owner: 'ann', cites: [] })
  },
}
