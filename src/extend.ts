/** antiphon/extend: what extensions and packages beside antiphon are made of. It loads little of antiphon. */

export type {
  ChannelVersion,
  CheckpointPlace,
  Checkpoints,
  CheckpointsPort,
  NewCheckpoint,
} from './checkpoint/room/port.ts'
export { InvalidError, TerminalError, TimeoutError } from './errors.ts'
export { defineExtension, type Extension } from './extension/extension.ts'
export {
  type PlacedText,
  type Reader,
  type ReaderFile,
  type ReaderPage,
  type ReaderPages,
  type ReaderRecording,
  type ReaderResult,
  type ReaderTerms,
  type ReaderTrack,
  unread,
} from './extension/reader.ts'
export type {
  Landing,
  LedgerSettlement,
  OpenSettlement,
  Payment,
  RefusedPayment,
  SettlementTerms,
  SignedTransaction,
  Signing,
} from './extension/settlement.ts'
export type { SignedWords, Wallets } from './extension/wallet.ts'
export {
  asJson,
  classOf,
  findNonJson,
  isJsonObject,
  type JsonObject,
  MAX_DEPTH,
  type NonJson,
} from './kernel/json.ts'
export { clip } from './lib/clip.ts'
export { inTime } from './lib/time/in-time.ts'
export { outputsOf } from './run/ended-outputs.ts'
export type { Charts } from './tool/builtin/visualization/charts.ts'
export { QuestionError, type ToolAnswers, type ToolQuestion, type ToolQuestionItem } from './tool/question.ts'
export type { Tool } from './tool/tool.ts'
