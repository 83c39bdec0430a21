"""What a test found: a claim that does not hold is printed with what was seen instead, and named again at the end, which
may be all that is left of a long log."""

failed = []


def check(what, holds, *more):
    if not holds:
        failed.append(str(what))
        print(f"not so: {what}", *(str(one)[:1500] for one in more), flush=True)


def verdict(fine):
    """Prints it, or what failed; the exit status."""
    print(f"{len(failed)} not so: {'; '.join(failed)}" if failed else fine)
    return 1 if failed else 0
