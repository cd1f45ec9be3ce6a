import type { Carrier, Label, LabelRequest } from './carrier.ts';
import { type Entry, putOnce, readEntry, replaceFrom, sandboxId } from './sandbox-book.ts';

type LabelEntry = Label & { orderId?: string; at: string };

const entryKey = (key: string) => `label#${key}`;

/** A carrier that keeps its books in our `sandbox` table. Its scans come in through the webhook, as a real one's do. */
export const sandboxCarrier: Carrier = {
  async buyLabel({ key, orderId }: LabelRequest): Promise<Label> {
    const entry = await putOnce<LabelEntry>({
      key: entryKey(key),
      status: 'bought',
      labelId: sandboxId('lbl_', key),
      trackingNumber: sandboxId('WB', key).toUpperCase(),
      orderId,
      at: new Date().toISOString(),
    });
    return toLabel(entry);
  },

  async lookup(key: string): Promise<Label | undefined> {
    const entry = await readEntry<LabelEntry>(entryKey(key));
    return entry && toLabel(entry);
  },

  async voidLabel(key: string): Promise<Label> {
    const at = new Date().toISOString();
    const entry = await putOnce<LabelEntry>({ key: entryKey(key), status: 'withdrawn', at });
    if (entry.status !== 'bought') return toLabel(entry);
    return toLabel(await replaceFrom<LabelEntry>('bought', { ...entry, status: 'voided', at }));
  },
};

function toLabel({ key: _, orderId: __, at: ___, ...label }: Entry<LabelEntry>): Label {
  return label as Label;
}
