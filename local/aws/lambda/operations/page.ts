import { ServiceError } from '../../../engine/ports.ts';

/** However many are asked for. */
const mostPerPage = 50;

/**
 * A page of a list as `Marker` and `MaxItems` ask for it. A marker is the place of the last one in the order of the list, which stands although
 * others are deleted between two pages.
 */
export function page<Item>(
  query: URLSearchParams,
  items: readonly Item[],
  markerOf: (item: Item) => string,
  isAfter: (item: Item, marker: string) => boolean,
): { items: readonly Item[]; NextMarker?: string } {
  const text = query.get('MaxItems') ?? String(mostPerPage);
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 10_000) {
    throw new ServiceError(
      'InvalidParameterValueException',
      `1 validation error detected: Value '${text}' at 'maxItems' failed to satisfy constraint: Member must have value between 1 and 10000`,
    );
  }
  const marker = query.get('Marker');
  const left = marker === null ? items : items.filter((item) => isAfter(item, marker));
  const shown = left.slice(0, Math.min(count, mostPerPage));
  return shown.length < left.length ? { items: shown, NextMarker: markerOf(shown.at(-1)!) } : { items: shown };
}
