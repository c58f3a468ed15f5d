"""Pagination.

    async for index in client.indexes.list(page_limit=50):            # every item of every page
        ...
    pager = await client.indexes.list()                               # the first page, loaded
    async for page in client.indexes.list().iter_pages():             # page by page
        print(page.page_info, len(page.items))
    index = await client.indexes.list(index_name="films").first()     # one request
    recent = await client.tasks.list().collect(limit=200)             # no more pages than needed
    async for tasks in client.tasks.list().batched(100):              # lists of 100 items
        ...

Pages are read ahead: nothing is before the loop asks for the second page; then the third page is requested with the
second one, then two, and up to `readahead` pages (4 by default) beyond the one that the loop is at. Where pages are
numbered, the pages ahead are requested concurrently, and never one beyond the last. Where a page is identified by a
token, one page is requested while the loop works. Items arrive in the order of a loop that does not read ahead, and an
error is raised when the loop reaches the page that failed. Leaving the loop cancels the requests that are in flight.

When iteration stops:

- Numbered pages: after the page whose number has reached `total_page`, after an empty page, and after a page that does
  not state how many there are.
- Pages with a token: after the page without a token for a next one.

An iteration over numbered pages returns no item twice, although an item moves to a later page when others are added in
front of it: ids that were returned before are skipped. The last 10,000 ids at least are remembered. `iter_pages`
returns pages as the platform sent them.

What would never end is a DecodeError: a page number that goes back, a token that was used before, and a hundred pages
in a row that hold nothing new. A token that has expired meanwhile is a GoneError that states how many pages were read.

An interrupted iteration continues where it stopped: `items = aiter(pager)` can be left with `break` and continued,
also after an error, and be shared by several tasks, each of which gets items of its own. Requests in flight end when it
is no longer referenced, or with `await items.aclose()`.

Iterating a pager again starts again from its first page. A first page that was loaded with `await` is used once
by the next iteration, then requested again.
"""

from .page import Page
from .pager import AsyncPager, ClosableIterator

__all__ = ["AsyncPager", "ClosableIterator", "Page"]
