import { inlineOpener } from 'antiphon/testing'
import { exerciseEngine } from 'antiphon/testing/conformance'

exerciseEngine({
  name: 'mine',
  open: inlineOpener({ seed: 7 }),
  skip: [{ reason: 'an example of an exemption', tests: ['a second stop ends when the first does'] }],
})
