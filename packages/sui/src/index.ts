/**
 * @antiphon/sui: pays citations of the ledger in a coin on Sui. `use` and `ledger: { settlement }` of antiphon.yaml
 * turn it on. docs/sui.md says what is verified.
 */

import { defineExtension } from 'antiphon/extend'
import { openSui } from './settlement.ts'

export default defineExtension({ name: '@antiphon/sui', version: '0.1.0', settlement: openSui })
