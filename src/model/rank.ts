/** What finds the passages a question is about: the offline model's own means, for whoever retrieves. */
export { type Passage, splitPassages } from './extractive/passages.ts'
export {
  createRanker,
  type Rankable,
  type Ranked,
  type Ranker,
  type RankOptions,
  rankPassages,
  understands,
} from './extractive/rank.ts'
