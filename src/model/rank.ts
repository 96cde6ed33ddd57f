/** What finds the passages a question is about: the offline model's own means, for whoever retrieves. */

export {
  createRanker,
  type Rankable,
  type Ranked,
  type Ranker,
  type RankOptions,
  rankPassages,
  understands,
} from './rank/ranker.ts'
export { type Passage, splitPassages } from './text/passages.ts'
