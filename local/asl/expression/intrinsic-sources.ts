/** Where random values come from (`Surroundings` has both). */
export interface IntrinsicSources {
  /** 0 <= n < 1 */
  random(): number;
  uuid(): string;
}
