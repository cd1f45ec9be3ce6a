/** What brings a loop to its end. */
export type LoopRow =
  /**
   * A variable counts its passes: the Choice goes on with `{% $counter < most %}` and no other rule, and every pass adds one to it.
   * Its name ends in `ThisExecution`, for it begins at 0 again where the order goes on in another execution.
   */
  | { counter: string; most: number }
  /** Every pass takes an item off a list: the Choice goes on with rules `{% $list[0] = 'X' %}`, and each of those ways takes its X off. */
  | { shortens: string };

/** One row per loop; the row's name is that of the Choice in which the loop is left. */
export type Loops = Readonly<Record<string, LoopRow>>;
