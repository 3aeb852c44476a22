#include "programs/fetch/answers.h"

#include <algorithm>
#include <system_error>
#include <vector>

#include "adapters/openpgp/openpgp.h"
#include "base/bytes.h"
#include "base/error.h"
#include "core/limits.h"
#include "loop/asio.h"

namespace mandos::fetch {

namespace limits = core::limits;

Answers::Held::~Held() {
    if (answers_ == nullptr)
        return;
    --(answers_->*count_);
    answers_->let_next_go();
}

Result<Answers::Held> Answers::large() {
    if (large_ >= limits::large_answers)
        return fail(ErrorKind::Exhausted,
                    "{} answers of more than {} bytes are being received, and this is one more", large_,
                    limits::small_answer);
    ++large_;
    return Held(*this, &Answers::large_);
}

io::awaitable<Result<Answers::Held>> Answers::turn(ByteView message) {
    if (decrypting_ == 0 || names_us(message)) {
        ++decrypting_;
        co_return Held(*this, &Answers::decrypting_);
    }
    if (waiting_.size() >= limits::unnamed_answers)
        co_return fail(
            ErrorKind::Exhausted,
            "the answer is not for this client by its looks, and too many others are being looked at");
    io::steady_timer told(co_await io::this_coro::executor, io::steady_timer::time_point::max());
    waiting_.push_back(&told);
    std::error_code cancelled;
    co_await told.async_wait(io::redirect_error(io::use_awaitable, cancelled));
    co_return Held(*this, &Answers::decrypting_);
}

// Who is told has its turn from then on, though it notices a little later.
void Answers::let_next_go() {
    if (ended_ || decrypting_ > 0 || waiting_.empty())
        return;
    io::steady_timer* next = waiting_.front();
    waiting_.pop_front();
    ++decrypting_;
    (void)next->cancel();
}

bool Answers::names_us(ByteView message) {
    if (!key_ids_)
        key_ids_ = openpgp::key_ids(openpgp_key_).value_or(std::vector<Bytes>());
    return std::ranges::any_of(
        *key_ids_, [message](const Bytes& key_id) { return !std::ranges::search(message, key_id).empty(); });
}

} // namespace mandos::fetch
