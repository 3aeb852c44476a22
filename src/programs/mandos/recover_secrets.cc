#include "programs/mandos/recover_secrets.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/duration.h"
#include "base/error.h"
#include "programs/mandos/import_state.h"

namespace mandos::server {

namespace {

constexpr auto for_each_secret = std::chrono::milliseconds(100);
constexpr auto between_reports = std::chrono::seconds(1);

std::size_t processors() {
    return std::max<std::size_t>(1, std::thread::hardware_concurrency());
}

// What the threads share.
class Work {
  public:
    explicit Work(std::span<const SealedSecret> sealed)
        : sealed_(sealed), recovered_(sealed.size(), Bytes()) {}

    // On each thread, until nothing is left to begin.
    void take_part() {
        std::unique_lock lock(mutex_);
        while (begun_ < sealed_.size()) {
            const std::size_t mine = begun_++;
            lock.unlock();
            Result<Bytes> one = recover_secret(sealed_[mine].encrypted, sealed_[mine].configured);
            lock.lock();
            recovered_[mine] = std::move(one);
            if (++done_ == sealed_.size())
                all_done_.notify_one();
        }
    }

    void wait(const std::function<void(std::size_t)>& at_work) {
        std::unique_lock lock(mutex_);
        while (done_ < sealed_.size()) {
            const std::size_t done = done_;
            lock.unlock();
            at_work(done);
            lock.lock();
            all_done_.wait_for(lock, between_reports, [this] { return done_ == sealed_.size(); });
        }
    }

    std::vector<Result<Bytes>> result() && { return std::move(recovered_); }

  private:
    const std::span<const SealedSecret> sealed_;
    std::mutex mutex_; // over all below
    std::condition_variable all_done_;
    std::vector<Result<Bytes>> recovered_;
    std::size_t begun_ = 0;
    std::size_t done_ = 0;
};

} // namespace

Duration time_to_recover(std::size_t secrets) {
    return std::chrono::ceil<std::chrono::seconds>(for_each_secret
                                                   * ((secrets + processors() - 1) / processors()));
}

std::vector<Result<Bytes>> recover_secrets(std::span<const SealedSecret> sealed,
                                           const std::function<void(std::size_t)>& at_work) {
    Work work(sealed);
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = std::min(processors(), sealed.size()); i > 0; --i)
            threads.emplace_back([&work] { work.take_part(); });
        work.wait(at_work);
    }
    return std::move(work).result();
}

} // namespace mandos::server
