/**
 * @antiphon/sui: pays citations of the ledger in a coin on Sui, and lets people log in with a wallet. `use` turns it
 * on, with `ledger: { settlement }` and `serve: { login }` of antiphon.yaml. docs/sui.md says what is verified.
 */

import { defineExtension } from 'antiphon/extend'
import { openSui } from './settlement.ts'
import { wallets } from './wallets.ts'

export default defineExtension({ name: '@antiphon/sui', version: '0.1.0', settlement: openSui, wallets })
