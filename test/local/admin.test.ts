import { expect, onTestFinished, test } from 'vitest';
import { createAdmin } from '../../local/admin.ts';
import { createWire } from '../../local/aws/wire.ts';
import { createClock } from '../../local/engine/clock.ts';

async function clockUrl() {
  const clock = createClock({ wallNow: () => 0 });
  const wire = createWire();
  wire.route(createAdmin(clock, { onCompleted: () => ({ [Symbol.dispose]() {} }) }));
  const url = await wire.listen(0);
  onTestFinished(async () => {
    clock.close();
    await wire.stop();
  });
  return `${url}/_local/clock`;
}

const post = (url: string, body: string) => fetch(url, { method: 'POST', body });

test('time is shown, and moved by what was asked', async () => {
  const url = await clockUrl();
  expect(await (await fetch(url)).json()).toEqual({ now: '1970-01-01T00:00:00.000Z', offsetMs: 0 });
  const moved = { now: '1970-01-02T01:00:00.000Z', offsetMs: 90_000_000 };
  expect(await (await post(url, '{"advance":"1d1h"}')).json()).toEqual(moved);
  expect(await (await fetch(url)).json()).toEqual(moved);
});

test.each(['{"advance":"-3d"}', '{"advance":"soon"}', '{"advance":3}', '{"advance":"99999999999d"}', '{', ''])(
  'a clock that is asked for %s stays where it is',
  async (body) => {
    const url = await clockUrl();
    const response = await post(url, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ message: expect.stringMatching(/^Expected|^Time/) });
    expect(await (await fetch(url)).json()).toMatchObject({ offsetMs: 0 });
  },
);
